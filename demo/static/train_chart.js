// Draws trainings: two charts, a table of the runs, a detail and the filters, into what train_view.py has written.
const CHART = {leastWidth: 280, height: 240, left: 56, right: 10, top: 16, bottom: 38};
const DASHES = ["", "7 4", "2 3", "9 3 2 3"]; // so that curves are told apart without colours, too
const svg = (name, attributes, text = "") => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
};

// Some four round numbers between two: 1, 2 or 5 times a power of ten apart.
function ticksBetween(low, high) {
  const rough = (high - low) / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(each => each * power).find(each => each >= rough);
  const ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step / 1e6; tick += step) ticks.push(Number(tick.toPrecision(8)));
  return ticks;
}

// curves: [{points: [[x, y], ...], at}], at: which run; levels: [{y, title}]. isLog: of the y axis.
function drawChart(figure, curves, levels, xTitle, isLog, most) {
  const scaled = y => isLog ? Math.log10(y) : y;
  const width = Math.max(figure.clientWidth, CHART.leastWidth);
  figure.querySelector("svg").setAttribute("viewBox", `0 0 ${width} ${CHART.height}`);
  const all = [...curves.flatMap(curve => curve.points.map(point => scaled(point[1]))), ...levels.map(level => level.y)];
  if (!all.length) return;
  let [low, high] = [Math.min(...all), Math.max(...all)];
  // A run that falls far below the others is not to press these flat.
  if (!isLog && levels.length) low = Math.max(low, Math.min(...levels.map(level => level.y)) - 6);
  const margin = Math.max((high - low) * 0.06, isLog ? 0.1 : 0.05);
  [low, high] = [low - margin, high + margin];
  const x = step => CHART.left + step / most * (width - CHART.left - CHART.right);
  const y = value => CHART.top + (high - Math.min(Math.max(value, low), high)) / (high - low) * (CHART.height - CHART.top - CHART.bottom);
  const parts = [];
  for (const tick of ticksBetween(low, high)) {
    parts.push(svg("line", {class: "grid", x1: CHART.left, x2: width - CHART.right, y1: y(tick), y2: y(tick)}));
    const text = isLog ? (10 ** tick).toPrecision(2) : String(tick);
    parts.push(svg("text", {x: CHART.left - 6, y: y(tick) + 4, "text-anchor": "end"}, text));
  }
  for (const tick of ticksBetween(0, most)) {
    const anchor = tick < most ? "middle" : "end";
    parts.push(svg("text", {x: x(tick), y: CHART.height - CHART.bottom + 18, "text-anchor": anchor}, String(tick)));
  }
  parts.push(svg("text", {x: width - CHART.right, y: CHART.height - 2, "text-anchor": "end"}, xTitle));
  for (const level of levels) {
    parts.push(svg("line", {class: "level", x1: CHART.left, x2: width - CHART.right, y1: y(level.y), y2: y(level.y)}));
    parts.push(svg("text", {class: "level", x: width - CHART.right, y: y(level.y) + (level.below ? 14 : -5), "text-anchor": "end"}, level.title));
  }
  for (const curve of curves) {
    const points = curve.points.map(point => `${x(point[0]).toFixed(1)},${y(scaled(point[1])).toFixed(1)}`).join(" ");
    parts.push(svg("polyline", {class: `curve run-${curve.at}`, points, "stroke-dasharray": DASHES[curve.at]}));
    const last = curve.points.at(-1);
    if (last) parts.push(svg("circle", {class: `curve run-${curve.at}`, cx: x(last[0]), cy: y(scaled(last[1])), r: 3.5}));
  }
  figure.querySelector("svg").replaceChildren(...parts);
}

// What a run has chosen other than the page begins with.
function settingsText(facts, settings) {
  const changed = Object.keys(facts.defaults).filter(name => settings[name] !== facts.defaults[name]);
  const title = name => `${facts.titles[name][0]}: ${facts.titles[name][1][String(settings[name])] ?? settings[name]}`;
  return changed.map(title).join(" · ") || facts.texts.defaults;
}

function cellOf(text, name = "td", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function drawRuns(place, facts, runs, colourOf) {
  const {texts} = facts;
  const table = Object.assign(document.createElement("table"), {className: "scores"});
  const head = document.createElement("tr");
  head.append(...[texts.run, texts.run_settings, texts.step, texts.run_best, texts.run_loss].map(text => cellOf(text, "th", {scope: "col"})));
  table.createTHead().append(head);
  const body = table.createTBody();
  runs.forEach((run, at) => {
    const {points, step = 0} = run.look;
    const best = points.length ? Math.max(...points.map(point => point[2])).toFixed(2) : "–";
    const cost = points.findLast(point => point[1] !== null)?.[1];
    const name = cellOf("", "th", {scope: "row"});
    const sample = svg("svg", {viewBox: "0 0 30 8", class: "sample", "aria-hidden": "true"});
    sample.append(svg("line", {class: `curve run-${colourOf(run)}`, x1: 0, x2: 30, y1: 4, y2: 4, "stroke-dasharray": DASHES[colourOf(run)]}));
    name.append(sample, String(at + 1));
    const row = body.insertRow();
    row.append(name, cellOf(settingsText(facts, run.settings)), cellOf(String(step)), cellOf(best), cellOf(cost === undefined ? "–" : cost.toExponential(2)));
  });
  place.replaceChildren(table);
}

function drawTraining(element, facts, runs) {
  const view = element.querySelector(".training");
  view.querySelector(".empty").hidden = runs.length > 0;
  view.querySelector(".drawing").hidden = !runs.length;
  if (!runs.length) return;
  // A run keeps its colour while others come and go.
  const colourOf = run => run.colour ??= [0, 1, 2, 3].find(each => runs.every(other => other.colour !== each)) ?? 0;
  runs.forEach(colourOf);
  const shown = runs.filter(run => run.look.points.length);
  const most = Math.max(...runs.map(run => run.settings.steps));
  const lines = runs.findLast(run => run.look.lines)?.look.lines;
  const levels = lines ? [
    {y: lines.bicubic, title: facts.texts.bicubic_line, below: true},
    {y: lines.released, title: facts.texts.released_line, below: false},
  ] : [];
  const curves = place => shown.map(run => ({
    at: colourOf(run),
    points: run.look.points.filter(point => point[place] !== null && point[place] > 0).map(point => [point[0], point[place]]),
  }));
  drawChart(view.querySelector("[data-chart=psnr]"), curves(2), levels, facts.texts.step, false, most);
  drawChart(view.querySelector("[data-chart=cost]"), curves(1), [], facts.texts.step, true, most);
  drawRuns(view.querySelector(".runs"), facts, runs, colourOf);
  const latest = runs.findLast(run => run.look.closer)?.look;
  if (!latest) return;
  const {closer} = latest;
  const pictures = {...closer.pictures, filters: latest.filters};
  for (const image of view.querySelectorAll("[data-picture]")) {
    image.src = pictures[image.dataset.picture];
    image.hidden = false;
  }
  for (const span of view.querySelectorAll("[data-psnr]")) span.textContent = closer.psnr[span.dataset.psnr] ?? "";
  // The square stays where the visitor has just put it until there is a look at that place.
  const square = String(closer.place) === String(train.place) ? closer.square : {};
  choosers.show(view.querySelector(".chooser"), closer.whole, square, facts.texts.detail_square);
}
