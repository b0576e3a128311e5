// Train: what is chosen, which trainings run and ran, and their curves. Drawn by train_chart.js.
const train = window.train = {
  runs: [], // the last ones, the newest last: {key, settings, look}
  plan: [], // of a lesson, the settings of the runs that come after this one
  lesson: "",
  KEPT: 4, // the newest and three before it
  UNSEEN_MILLISECONDS: 5000, // after which a training that nobody looks at is stopped
  CALM_MILLISECONDS: 1000, // between two pictures for who wants less motion
  values: null, // of the controls, as they are now
  place: null, // the middle of the detail, as shares of the picture; null: the most telling one

  // The view is written anew in the language of the page when its tab is opened.
  dress(element, trigger, watch) {
    train.element = element;
    train.next = () => trigger("select");
    choosers.dress(element, ({x, y}) => {
      train.place = [x, y];
      trigger("edit");
    });
    const read = () => {
      train.facts = {...train.facts, ...JSON.parse(element.querySelector(".training").dataset.facts)};
      train.draw(true);
    };
    watch("value", read);
    read();
    setInterval(train.stopUnseen, 1000);
  },

  settingsOf: values => Object.fromEntries(train.names.map((name, at) => [name, values[at]])),
  valuesOf: settings => train.names.map(name => settings[name]),
  fullSettings: changes => ({...train.facts.defaults, ...changes}),
  current: () => train.runs.at(-1),
  isRunning: () => ["asked", "running"].includes(train.current()?.look.state),

  newKey() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, "0")).join("");
  },

  // A press on Train, or the next run of a lesson. Gives the request and the values of the controls.
  begin(files, values) {
    if (train.isRunning()) return [train.request, ...values];
    if (train.isNext) train.isNext = false;
    else {
      train.plan = train.lesson ? train.facts.lessons[train.lesson].map(train.fullSettings) : [train.settingsOf(values)];
      if (train.lesson) train.runs = [];
    }
    const settings = train.plan.shift();
    const key = train.newKey();
    train.runs = [...train.runs, {key, settings, look: {state: "asked", points: []}}].slice(-train.KEPT);
    train.request = JSON.stringify({key, settings, files: (files ?? []).map(file => file.path), place: train.place});
    train.draw(true);
    return [train.request, ...train.valuesOf(settings)];
  },

  goOn() {
    const run = train.current();
    if (!run || train.isRunning()) return "{}";
    run.look.state = "asked";
    train.draw(true);
    return train.request = JSON.stringify({key: run.key, more: true, place: train.place});
  },

  // Of the newest run that has shown a detail, which is the one that is drawn.
  placeRequest: () => JSON.stringify({key: train.runs.findLast(run => run.look.closer)?.key, place: train.place}),

  // Another detail of a run that has ended.
  takeCloser(found) {
    const run = train.runs.find(run => run.key === found?.key);
    if (!run || train.isRunning()) return;
    run.look = {...run.look, closer: found.closer};
    train.draw(true);
  },

  stop() {
    train.plan = [];
    return train.current()?.key ?? "";
  },

  stopUnseen() {
    const isSeen = !document.hidden && train.element.checkVisibility();
    if (isSeen || !train.isRunning()) train.seen = Date.now();
    else if (Date.now() - train.seen > train.UNSEEN_MILLISECONDS) {
      train.seen = Date.now();
      document.getElementById("train-stop").click();
    }
  },

  // A look at a training, as train_view.py gives it.
  take(look) {
    const run = train.runs.find(run => run.key === look?.key);
    if (!run) return;
    run.look = look.state === "failed" ? {...run.look, state: "failed"} : look;
    train.draw(look.state !== "running");
    if (["running", "failed"].includes(look.state) || !train.plan.length) return;
    train.isNext = true;
    setTimeout(train.next, 300); // after Gradio has ended this one
  },

  draw(isNeeded) {
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!isNeeded && isCalm && Date.now() - (train.drawn ?? 0) < train.CALM_MILLISECONDS) return;
    train.drawn = Date.now();
    drawTraining(train.element, train.facts, train.runs);
    const state = train.current()?.look.state;
    const hasResult = train.runs.some(run => run.look.best?.[1]);
    const off = (id, isOff) => document.querySelectorAll(id).forEach(button => { button.disabled = isOff; });
    off("#train-start", train.isRunning());
    off("#train-stop", !train.isRunning());
    off("#train-more", state !== "paused");
    off("#train-results button:not(:last-child)", !hasResult);
  },

  // The newest run that has a result.
  resultKey: () => train.runs.findLast(run => run.look.best?.[1])?.key ?? "",

  chooseLesson(lesson) {
    train.lesson = lesson;
    train.plan = [];
    train.values = train.valuesOf(train.fullSettings(lesson ? train.facts.lessons[lesson].at(-1) : {}));
    return [lesson, ...train.values];
  },

  // A control was moved: that is no lesson any more.
  choose(values) {
    train.values = values;
    train.lesson = "";
    train.plan = [];
    return "";
  },

  // A link says what is not as the page begins with: ?train=lesson:rate, ?train=loss:l1,scale:4
  linkText() {
    if (train.lesson) return `lesson:${train.lesson}`;
    const settings = train.settingsOf(train.values ?? train.valuesOf(train.facts.defaults));
    const changed = train.names.filter(name => settings[name] !== train.facts.defaults[name]);
    return changed.map(name => `${name}:${settings[name]}`).join(",");
  },

  // facts: what there is to choose from, as train_view.py has it.
  readLink(facts, [, ...values]) {
    train.facts = {...train.facts, ...facts};
    train.names = Object.keys(facts.defaults);
    const url = new URL(location.href);
    const text = url.searchParams.get("train");
    train.isLinked = text !== null;
    url.searchParams.delete("train"); // the address is Compare's, whose links are not to open this tab
    if (train.isLinked) history.replaceState(history.state, "", url);
    train.values = values;
    if (text === null) return ["", ...values];
    const asked = Object.fromEntries(text.split(",").map(part => part.split(":")));
    if (asked.lesson in train.facts.lessons) return train.chooseLesson(asked.lesson);
    const changes = {};
    for (const [name, value] of Object.entries(asked)) {
      const found = train.facts.choices[name]?.find(choice => String(choice) === value);
      if (found !== undefined) changes[name] = found;
    }
    return ["", ...train.values = train.valuesOf(train.fullSettings(changes))];
  },

  openFromLink() {
    if (train.isLinked) document.getElementById("train-tab-button")?.click();
  },

  openTab: number => document.querySelectorAll("[role=tab]")[number].click(),

  copyLink() {
    const url = new URL(location.pathname, location.href);
    url.searchParams.set("train", train.linkText());
    navigator.clipboard?.writeText(url.href);
  },

  download(address) {
    const link = Object.assign(document.createElement("a"), {href: address, download: address.split("/").pop()});
    link.click();
  },
};
