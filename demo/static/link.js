// What the page's address says of the widgets, once when the page opens; what it does not say, or cannot mean, stays.
(picture, scale, loss, ensemble, network, asIs, offers) => {
  const query = new URLSearchParams(location.search);
  const first = (offered, ...wishes) => wishes.find(wish => offered.includes(wish)) ?? offered[0];
  const chosen = first(Object.keys(offers), query.get("network"), network);
  const values = choices => choices.map(([, value]) => value);
  const update = (choices, ...wishes) => ({__type__: "update", choices, value: first(values(choices), ...wishes)});
  const scales = update(offers[chosen].scale, Number(query.get("scale")), scale);
  const own = picture && !demo.exampleOf(picture.path); // a visitor who was faster than this has chosen already
  return [
    own ? picture : EXAMPLES[query.get("picture")] ?? Object.values(EXAMPLES)[0],
    scales,
    update(offers[chosen].loss[scales.value], query.get("loss"), loss),
    query.get("ensemble") === "1" || ensemble,
    update(Object.entries(offers).map(([title, {name}]) => [name, title]), chosen),
    query.get("as_is") === "1" || asIs,
  ];
}
