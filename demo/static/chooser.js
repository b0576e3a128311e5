// A picture, small, with a square where the detail is: put or dragged with a pointer, moved with the arrow keys.
const choosers = window.choosers = {
  KEYS: {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]},
  STEP: 0.25, // of the square's size, for a key
  SETTLED_MILLISECONDS: 150, // without a move before `look` is called

  share: (chooser, name) => parseFloat(chooser.style.getPropertyValue(name)) / 100,

  // source: the picture's address; shares: of its width and height, where the square begins and how large it is.
  show(chooser, source, shares, label) {
    chooser.hidden = false;
    const image = chooser.querySelector("img");
    if (image.getAttribute("src") !== source) image.src = source;
    for (const [name, share] of chooser.isMoving ? [] : Object.entries(shares)) chooser.style.setProperty(`--${name}`, `${100 * share}%`);
    chooser.querySelector("button").ariaLabel = label;
  },

  // element: the component with the chooser; look: called with the middle of the square, {x, y}, as shares.
  dress(element, look) {
    let timer;
    let dragged = null;

    const put = (chooser, x, y) => {
      const [wide, high] = [choosers.share(chooser, "--wide"), choosers.share(chooser, "--high")];
      const limited = (middle, size) => Math.min(Math.max(middle - size / 2, 0), 1 - size);
      const [left, top] = [limited(x, wide), limited(y, high)];
      chooser.style.setProperty("--left", `${100 * left}%`);
      chooser.style.setProperty("--top", `${100 * top}%`);
      chooser.isMoving = true;
      clearTimeout(timer);
      timer = setTimeout(() => {
        chooser.isMoving = false;
        look({x: left + wide / 2, y: top + high / 2});
      }, choosers.SETTLED_MILLISECONDS);
    };
    const follow = (event) => {
      const box = dragged.getBoundingClientRect();
      put(dragged, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    };

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
      if (!chooser || !(event.key in choosers.KEYS)) return;
      event.preventDefault(); // the page is not to scroll
      const [right, down] = choosers.KEYS[event.key];
      const [wide, high] = [choosers.share(chooser, "--wide"), choosers.share(chooser, "--high")];
      const [x, y] = [choosers.share(chooser, "--left") + wide / 2, choosers.share(chooser, "--top") + high / 2];
      put(chooser, x + right * choosers.STEP * wide, y + down * choosers.STEP * high);
    });
  },
};
