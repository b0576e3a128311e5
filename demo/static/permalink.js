// Write the chosen settings into the page's address, so that it can be shared as it is.
// An example is named by its file; a visitor's own picture is in no link.
(picture, scale, loss, ensemble, network, asIs) => {
  const url = new URL(location.href);
  const settings = {picture: demo.exampleOf(picture?.path), scale, loss, ensemble: ensemble ? "1" : "", network, as_is: asIs ? "1" : ""};
  for (const [key, value] of Object.entries(settings)) {
    if (value) url.searchParams.set(key, value);
    else url.searchParams.delete(key);
  }
  history.replaceState(history.state, "", url);
  if (parent !== window) { // a Space's page lies in a frame of the Hub's, whose address people see
    parent.postMessage({queryString: url.searchParams.toString()}, "https://huggingface.co");
  }
}
