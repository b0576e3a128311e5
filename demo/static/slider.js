// Two pictures over each other, of which a handle shows more or less: `figure.slider` as slider.py writes it.
// All sliders of a tab are zoomed and moved together, so that the same place is looked at in each.
const sliders = window.sliders = {
  views: new Map(), // by tab: how many times enlarged, and what is in the middle, as shares of the picture
  handles: {}, // where each handle was put, in percent
  MOST_ZOOM: 32,
  STEP: 1.5,
  moved: () => {}, // called when another place is looked at

  // choices: for each slider what is chosen for its left and its right; changed: called after.
  dress(root, choices = {}, changed = () => {}) {
    for (const figure of root.querySelectorAll("figure.slider")) {
      const pictures = JSON.parse(figure.dataset.pictures);
      const first = figure.dataset.sides.split(",");
      const chosen = choices[figure.dataset.name] ?? [...first];
      chosen.forEach((side, at) => { if (!pictures[side]) chosen[at] = first[at]; });
      new Slider(figure, pictures, chosen, changed);
    }
  },

  show() {
    document.querySelectorAll("figure.slider").forEach(figure => figure.slider?.place());
  },

  viewOf(figure) {
    const tab = figure.closest("[role=tabpanel]");
    if (!sliders.views.has(tab)) sliders.views.set(tab, {zoom: 1, x: 0.5, y: 0.5});
    return sliders.views.get(tab);
  },

  look(view, zoom, x, y) {
    const limited = (middle, half) => Math.min(Math.max(middle, half), 1 - half);
    view.zoom = Math.min(Math.max(zoom, 1), sliders.MOST_ZOOM);
    view.x = limited(x, 0.5 / view.zoom);
    view.y = limited(y, 0.5 / view.zoom);
    sliders.show();
    clearTimeout(sliders.timer);
    sliders.timer = setTimeout(() => view.zoom > 1 && sliders.moved(view), 200);
  },
};

class Slider {
  // chosen: the keys of the left and the right picture as the visitor wants them; `sides`, as they are shown.
  constructor(figure, pictures, chosen, changed) {
    Object.assign(this, {figure, pictures, chosen, changed, sides: [...chosen], name: figure.dataset.name});
    figure.slider?.end.abort(); // Gradio may have written the new answer into the elements of the one before
    figure.slider = this;
    this.end = new AbortController();
    const {signal} = this.end;
    this.view = sliders.viewOf(figure);
    this.stage = figure.querySelector(".stage");
    this.handle = figure.querySelector("input");
    this.layers = [...figure.querySelectorAll(".layer")]; // the left one, which is cut off at the handle, is above
    this.selects = [...figure.querySelectorAll("select")];
    this.selects.forEach((select, at) => {
      select.addEventListener("change", () => this.set(at === 0 ? [select.value, this.chosen[1]] : [this.chosen[0], select.value]), {signal});
    });
    this.handle.value = sliders.handles[this.name] ?? 50;
    this.handle.addEventListener("input", () => this.place(), {signal});
    this.handle.addEventListener("keydown", event => this.key(event), {signal});
    for (const button of figure.querySelectorAll("button[data-do]")) {
      button.addEventListener("click", () => this.act(button.dataset.do), {signal});
    }
    this.stage.addEventListener("pointerdown", event => this.grasp(event), {signal});
    this.stage.addEventListener("dblclick", event => this.zoomAt(event, sliders.STEP ** 3), {signal});
    this.stage.addEventListener("wheel", event => {
      if (!event.ctrlKey && this.view.zoom === 1) return; // the page is scrolled
      event.preventDefault();
      this.zoomAt(event, event.deltaY < 0 ? sliders.STEP : 1 / sliders.STEP);
    }, {passive: false, signal});
    const observer = new ResizeObserver(() => this.place());
    observer.observe(this.stage);
    signal.addEventListener("abort", () => observer.disconnect());
    this.fill();
  }

  set(sides) {
    this.chosen.splice(0, 2, ...sides);
    if (sides.every(side => this.pictures[side])) {
      this.sides = [...sides];
      this.fill();
    }
    this.changed();
  }

  fill() {
    this.layers.forEach((layer, at) => {
      const picture = this.pictures[this.sides[at]];
      const image = layer.querySelector("img");
      image.alt = picture.title;
      if (image.getAttribute("src") === picture.source) return;
      image.src = picture.source;
      layer.querySelectorAll(".tile").forEach(tile => tile.remove());
    });
    this.figure.setAttribute("aria-label", this.sides.map(side => this.pictures[side].title).join(" | "));
    this.selects.forEach((select, at) => { select.value = this.sides[at]; });
    this.place();
  }

  // Show the handle where it is, and the pictures as they are zoomed.
  place() {
    sliders.handles[this.name] = this.handle.value;
    this.stage.style.setProperty("--at", `${this.handle.value}%`);
    const {zoom, x, y} = this.view;
    this.layers.forEach(layer => {
      const inner = layer.firstElementChild;
      inner.style.transform = `translate(${50 - 100 * zoom * x}%, ${50 - 100 * zoom * y}%) scale(${zoom})`;
    });
    const shown = this.pictures[this.sides[0]];
    this.figure.classList.toggle("pixels", this.stage.clientWidth * zoom > 2 * shown.width);
    this.layers.forEach((layer, at) => this.tile(layer.firstElementChild, this.pictures[this.sides[at]]));
  }

  // Of a large picture, whose one image is reduced: every pixel of what is in sight, once it is enlarged beyond that.
  tile(inner, picture) {
    if (!picture.tiles || this.stage.clientWidth * this.view.zoom * devicePixelRatio <= picture.reduced) return;
    const {zoom, x, y} = this.view;
    const {width, height, base} = picture.tiles;
    const range = (middle, size, side) => [
      Math.max(Math.floor((middle - 0.5 / zoom) * size / side), 0), Math.min(Math.ceil((middle + 0.5 / zoom) * size / side), Math.ceil(size / side)),
    ];
    const [left, right] = range(x, picture.width, width);
    const [top, bottom] = range(y, picture.height, height);
    for (let row = top; row < bottom; row += 1) {
      for (let column = left; column < right; column += 1) {
        const source = `${base}${row}-${column}.png`;
        if ([...inner.children].some(each => each.dataset.source === source)) continue;
        const tile = new Image();
        tile.dataset.source = tile.src = source;
        tile.className = "tile";
        tile.alt = "";
        tile.draggable = false;
        tile.style.left = `${100 * column * width / picture.width}%`;
        tile.style.top = `${100 * row * height / picture.height}%`;
        tile.style.width = `${100 * Math.min(width, picture.width - column * width) / picture.width}%`;
        tile.style.height = `${100 * Math.min(height, picture.height - row * height) / picture.height}%`;
        inner.append(tile);
      }
    }
  }

  act(what) {
    const {zoom, x, y} = this.view;
    if (what === "swap") this.set([this.chosen[1], this.chosen[0]]);
    if (what === "in") sliders.look(this.view, zoom * sliders.STEP, x, y);
    if (what === "out") sliders.look(this.view, zoom / sliders.STEP, x, y);
  }

  key(event) {
    const what = {s: "swap", S: "swap", "+": "in", "=": "in", "-": "out"}[event.key];
    const [right, down] = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key] ?? [0, 0];
    const {zoom, x, y} = this.view;
    if (what) this.act(what);
    else if (event.shiftKey && (right || down)) sliders.look(this.view, zoom, x + right / 8 / zoom, y + down / 8 / zoom);
    else return; // the handle moves by itself
    event.preventDefault();
  }

  // The share of the picture that lies under the pointer.
  under(event) {
    const box = this.stage.getBoundingClientRect();
    const {zoom, x, y} = this.view;
    return [x + ((event.clientX - box.left) / box.width - 0.5) / zoom, y + ((event.clientY - box.top) / box.height - 0.5) / zoom];
  }

  zoomAt(event, factor) {
    const [x, y] = this.under(event);
    const {view} = this;
    const zoom = Math.min(Math.max(view.zoom * factor, 1), sliders.MOST_ZOOM);
    sliders.look(this.view, zoom, x + (view.x - x) * view.zoom / zoom, y + (view.y - y) * view.zoom / zoom);
  }

  // The handle follows the pointer; beside it, a zoomed picture does.
  grasp(event) {
    if (event.button !== 0) return;
    const box = this.stage.getBoundingClientRect();
    const distance = Math.abs((event.clientX - box.left) - box.width * this.handle.value / 100);
    const pans = this.view.zoom > 1 && distance > 24;
    const [fromX, fromY] = this.under(event);
    const follow = moved => {
      const [x, y] = this.under(moved);
      if (pans) return sliders.look(this.view, this.view.zoom, this.view.x + fromX - x, this.view.y + fromY - y);
      this.handle.value = 100 * (moved.clientX - box.left) / box.width;
      return this.place();
    };
    this.stage.setPointerCapture(event.pointerId);
    this.stage.addEventListener("pointermove", follow);
    const end = () => this.stage.removeEventListener("pointermove", follow);
    this.stage.addEventListener("pointerup", end, {once: true});
    this.stage.addEventListener("pointercancel", end, {once: true});
    event.preventDefault();
    this.handle.focus({preventScroll: true});
    if (!pans) follow(event);
  }
}
