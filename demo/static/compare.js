// Compare: what its parts are to show, from what is chosen in the widgets, in the sliders and on the small picture.
const compare = {
  // Of the sliders, by their names in compare_view.py.
  sides: {first: ["bicubic", "result"], second: ["result", "truth"], alone: ["bicubic", "result"]},
  place: null, // the middle of the detail, in pixels of the truth, and of which picture; null: the most telling one
  side: 64, // of the detail, in pixels
  mapsAreOpen: false,
  lossesPlace: null, // of the detail when all losses were compared; undefined before
  lossesAreAsked: false,

  picture: () => demo.choice && JSON.parse(demo.choice).slice(0, 2).join("\n"),

  // Results of other networks than the chosen one that a slider is to show: "EDSR-baseline|l1".
  others: () => [...new Set(Object.values(compare.sides).flat())].filter(side => side.includes("|")).sort(),

  currentPlace: () => compare.place?.picture === compare.picture() ? [compare.place.x, compare.place.y] : null,

  chooser: () => document.querySelector(".detail .chooser"),

  hasTruth: () => demo.choice && !JSON.parse(demo.choice).at(-1),

  requests: {
    view: () => demo.choice === null ? null : JSON.stringify({choice: demo.choice, others: demo.choice ? compare.others() : []}),
    detail: () => compare.hasTruth() ? JSON.stringify({choice: demo.choice, place: compare.currentPlace(), side: compare.side}) : null,
    maps: () => compare.hasTruth() && compare.mapsAreOpen ? JSON.stringify({choice: demo.choice}) : null,
    losses: () => compare.hasTruth() && compare.lossesAreAsked ? JSON.stringify({choice: compare.withoutNetwork(), place: compare.lossesPlace}) : null,
  },

  // All losses are compared by the article's network: only the picture and the scale are of the visitor's choice.
  withoutNetwork() {
    const [picture, path, scale, , , , language] = JSON.parse(demo.choice);
    return JSON.stringify([picture, path, scale, "mse", false, "9-1-5", language, false]);
  },

  shown: {
    view(element) {
      document.querySelectorAll(".needs-truth").forEach(each => { each.hidden = Boolean(demo.choice) && !compare.hasTruth(); });
      sliders.dress(element, compare.sides, () => demo.refresh());
      window.preview?.end();
    },
    detail(element) {
      const {truth, left, top, wide, high, width, height, label} = element.querySelector("[data-of]").dataset;
      const chooser = compare.chooser();
      if (!truth || !chooser) return;
      chooser.size = [Number(width), Number(height)];
      choosers.show(chooser, truth, {left, top, wide, high}, label);
    },
    maps(element) {
      sliders.dress(element);
    },
  },

  // Figures of another picture below those of this one would be taken for this one's, however pale they are.
  forgetLosses(element) {
    const answer = element.querySelector("[data-of]");
    if (!answer) return;
    answer.dataset.of = "";
    answer.querySelector(".content").replaceChildren();
  },

  // x and y: of the middle of the detail, as shares of the picture.
  look({x, y}) {
    const [width, height] = compare.chooser()?.size ?? [];
    if (!width) return;
    compare.place = {picture: compare.picture(), x: x * width, y: y * height};
    demo.refresh();
  },

  chooseSide(side) {
    compare.side = side;
    demo.refresh();
  },

  openMaps(open) {
    compare.mapsAreOpen = open;
    demo.refresh();
  },

  askLosses() {
    compare.lossesAreAsked = true;
    compare.lossesPlace = compare.currentPlace();
    const part = demo.parts.losses;
    part.wanted = part.request();
    demo.mark(part);
    return demo.asked.losses = part.wanted;
  },
};
sliders.moved = view => view === sliders.viewOf(compare.chooser()) && compare.look(view);
window.compare = compare;
