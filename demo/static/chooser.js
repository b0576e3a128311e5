// The square on the picture of the detail section: put or dragged with a pointer, moved with the arrow keys.
// What comes with it: `element`, the component.
const KEYS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
const STEP = 0.25; // of the square's size, for a key
const SETTLED = 150; // milliseconds without a move before the server is asked

let timer;
let dragged = null;

function share(chooser, name) {
  return parseFloat(chooser.style.getPropertyValue(name)) / 100;
}

function put(chooser, x, y) {
  const limited = (middle, size) => Math.min(Math.max(middle - size / 2, 0), 1 - size);
  const left = limited(x, share(chooser, "--wide"));
  const top = limited(y, share(chooser, "--high"));
  chooser.style.setProperty("--left", `${100 * left}%`);
  chooser.style.setProperty("--top", `${100 * top}%`);
  clearTimeout(timer);
  timer = setTimeout(() => compare.look({
    x: left + share(chooser, "--wide") / 2,
    y: top + share(chooser, "--high") / 2,
  }), SETTLED);
}

function follow(event) {
  const box = dragged.getBoundingClientRect();
  put(dragged, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
}

element.addEventListener("pointerdown", (event) => {
  dragged = event.target.closest(".chooser");
  if (dragged) {
    dragged.setPointerCapture(event.pointerId);
    follow(event);
  }
});
element.addEventListener("pointermove", (event) => dragged && follow(event));
element.addEventListener("pointerup", () => { dragged = null; });
element.addEventListener("pointercancel", () => { dragged = null; });
element.addEventListener("keydown", (event) => {
  const chooser = event.target.closest(".chooser");
  if (!chooser || !(event.key in KEYS)) return;
  event.preventDefault(); // the page is not to scroll
  const [right, down] = KEYS[event.key];
  const wide = share(chooser, "--wide");
  const high = share(chooser, "--high");
  put(chooser, share(chooser, "--left") + wide / 2 + right * STEP * wide, share(chooser, "--top") + high / 2 + down * STEP * high);
});
