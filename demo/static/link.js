// What the page's address says of the widgets, once when the page opens; what it does not say, or cannot mean, stays.
(picture, scale, loss, ensemble, network, asIs, offers) => {
  const query = new URLSearchParams(location.search);
  const chosen = demo.firstOf(Object.keys(offers), [query.get("network"), network]);
  const networks = Object.entries(offers).map(([title, {name}]) => [name, title]);
  const [scales, losses] = demo.offersFor(chosen, offers, [Number(query.get("scale")), scale], [query.get("loss"), loss]);
  const own = picture && !demo.exampleOf(picture.path); // a visitor who was faster than this has chosen already
  return [
    own ? picture : EXAMPLES[query.get("picture")] ?? Object.values(EXAMPLES)[0],
    scales,
    losses,
    query.get("ensemble") === "1" || ensemble,
    {__type__: "update", choices: networks, value: chosen},
    query.get("as_is") === "1" || asIs,
  ];
}
