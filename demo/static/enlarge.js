// Enlarge: whether the result on the page is of the pictures and the network that are chosen.
const enlarge = window.enlarge = {
  chosen: "", // the request that the widgets make now
  isStarted: false,

  request: () => enlarge.isStarted ? enlarge.chosen : null,

  choose(files, scale, loss, ensemble, network) {
    const pictures = (files ?? []).map(file => file.path);
    enlarge.chosen = JSON.stringify({pictures, scale, loss, ensemble, network});
    if (!pictures.length) enlarge.isStarted = false;
    demo.refresh();
  },

  start(...values) {
    enlarge.isStarted = true;
    enlarge.choose(...values);
    enlarge.isStarted = true; // also without a picture: the answer says that there is none
    demo.refresh();
    // On a phone the result is far below the examples. (Gradio's scroll_to_output ends at other places.)
    if (innerWidth <= 768) document.getElementById("enlarge-start").scrollIntoView();
    return enlarge.chosen;
  },

  shown(element) {
    sliders.dress(element);
    const figures = [...element.querySelectorAll("figure.slider")];
    const which = element.querySelector("select.which");
    const show = () => figures.forEach((figure, at) => { figure.hidden = which && at !== which.selectedIndex; });
    which?.addEventListener("change", () => { show(); sliders.show(); });
    show();
  },
};
