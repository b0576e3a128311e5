// What the page is to show, and whether each of its parts shows it. It runs before Gradio's scripts, see head.py.
// A part is an HTML component whose answers carry in `data-of` the request that they answer. What a part shows is out
// of date as long as that is not the request that the page makes now; then it is dimmed, and can be renewed.
(() => {
  // Gradio has Chinese for these two only; for the others it would speak English beside the server's Chinese.
  const language = navigator.language ?? "";
  if (/^zh/i.test(language) && !["zh-CN", "zh-TW"].includes(language)) {
    const kind = /hant|tw|hk|mo/i.test(language) ? "zh-TW" : "zh-CN";
    Object.defineProperty(navigator, "language", {get: () => kind});
  }
  // The server answers in the language of the page, which the visitor may have chosen in its settings.
  const tellLanguage = () => {
    document.cookie = `language=${document.documentElement.lang || navigator.language};path=/;SameSite=Lax`;
  };
  tellLanguage();
  new MutationObserver(tellLanguage).observe(document.documentElement, {attributeFilter: ["lang"]});

  // Gradio gives each radio button a name of its own; then the arrow keys do not move among those of a group.
  const steps = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1};
  document.addEventListener("keydown", event => {
    const group = event.target.type === "radio" && event.key in steps && event.target.closest("fieldset");
    if (!group) return;
    event.preventDefault();
    const radios = [...group.querySelectorAll("input[type=radio]:enabled")];
    const next = radios[(radios.indexOf(event.target) + steps[event.key] + radios.length) % radios.length];
    next.focus();
    next.click();
  });
})();

const demo = window.demo = {
  asked: {}, // the request of each part, which its event sends to the server
  parts: {},
  version: 0, // of the server's networks, the newest that was seen
  choice: null, // the token of what is chosen; "" where there is no picture
  NUDGE_MILLISECONDS: 2000,
  ASK_AGAIN_MILLISECONDS: 20_000, // after which a request is taken for lost: it was refused, or the line was cut

  // The widgets' values as Choice.token in choice.py has them.
  choiceOf(picture, scale, loss, ensemble, network, asIs) {
    if (!picture?.path) return "";
    const name = picture.orig_name ?? picture.path.split("/").pop();
    const example = demo.exampleOf(picture.path);
    return demo.token(example || name, example ? "" : picture.path, scale, loss, ensemble, network, asIs);
  },

  token(picture, path, scale, loss, ensemble = false, network = "9-1-5", asIs = false) {
    const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
    return JSON.stringify([picture, path, scale, loss, ensemble, network, language, asIs]);
  },

  // The name of the example that lies at a path of the server; "" for a visitor's own picture.
  exampleOf(path) {
    return /[\\/]examples[\\/](\w+)\.png$/.exec(path ?? "")?.[1] ?? "";
  },

  // The first wish that can be fulfilled; else the first value that there is.
  firstOf: (values, wishes) => wishes.find(wish => values.includes(wish)) ?? values[0],

  // Updates for two widgets: the scales that there are for a network, and the losses for both. What is wished for is
  // chosen where it can be. offers: list_offers() of settings.py.
  offersFor(network, offers, scaleWishes, lossWishes) {
    const update = (choices, wishes) => {
      return {__type__: "update", choices, value: demo.firstOf(choices.map(([, value]) => value), wishes)};
    };
    const scales = update(offers[network].scale, scaleWishes);
    return [scales, update(offers[network].loss[scales.value], lossWishes)];
  },

  // request(): what the part is to show now, as a string; null: nothing. shown(): called when an answer is there.
  // asks: whether it asks for what is missing by itself, or when the visitor says so. aged(): called when what it shows
  // is out of date.
  addPart(name, element, trigger, watch, request, shown = () => {}, asks = true, aged = () => {}) {
    const part = demo.parts[name] = {name, element, trigger, request, shown, asks, aged, wanted: request()};
    watch("value", () => demo.answered(part));
    element.addEventListener("click", event => event.target.closest(".renew button") && demo.ask(part));
    demo.answered(part);
    if (asks && demo.isStale(part)) demo.ask(part);
  },

  shownBy: part => part.element.querySelector("[data-of]")?.dataset.of ?? null,

  versionOf: part => Number(part.element.querySelector("[data-version]")?.dataset.version ?? demo.version),

  isStale: part => part.wanted !== null && (demo.shownBy(part) !== part.wanted || demo.versionOf(part) < demo.version),

  mark(part) {
    part.element.classList.toggle("stale", demo.isStale(part));
    if (demo.isStale(part)) part.aged(part.element);
    part.element.hidden = part.wanted === null;
    const answer = part.element.querySelector("[data-of]");
    if (part.wanted === null || demo.isStale(part) || answer === part.seen) return;
    part.seen = answer;
    part.shown(part.element);
  },

  // A moment later, because several widgets may change together.
  ask(part) {
    clearTimeout(part.timer);
    part.timer = setTimeout(() => {
      if (!demo.isStale(part)) return;
      demo.asked[part.name] = part.wanted;
      part.askedAt = performance.now();
      part.trigger("select");
    }, 30);
  },

  // To be called whenever something has changed that a request is made of.
  refresh() {
    for (const part of Object.values(demo.parts)) {
      const wanted = part.request();
      if (wanted === part.wanted && demo.versionOf(part) === demo.version) continue;
      part.wanted = wanted;
      demo.mark(part);
      if (part.asks && demo.isStale(part)) demo.ask(part);
    }
  },

  answered(part) {
    part.seen = null;
    part.wanted = part.request();
    demo.version = Math.max(demo.version, demo.versionOf(part));
    demo.mark(part);
    if (part.asks && demo.isStale(part) && demo.shownBy(part) !== null) demo.ask(part); // the answer came late
    demo.refresh();
  },

  choose(choice) {
    demo.choice = choice;
    demo.refresh();
  },

  // Gradio may miss an answer where its line was just being closed; whatever is sent next brings it.
  watchOver(nudge) {
    setInterval(() => {
      const stale = Object.values(demo.parts).filter(demo.isStale);
      if (stale.length || train.isRunning()) nudge();
      const isLost = part => part.asks && performance.now() - part.askedAt > demo.ASK_AGAIN_MILLISECONDS;
      stale.filter(isLost).forEach(demo.ask);
    }, demo.NUDGE_MILLISECONDS);
  },
};
