// The first comparison, before Gradio has been loaded; it goes when Gradio's page shows the same, see compare.js.
window.preview = {
  element: document.getElementById("preview"),
  LONGEST_MILLISECONDS: 60_000, // should Gradio's page never come so far, its own message is to be seen

  begin() {
    const theme = new URLSearchParams(location.search).get("__theme");
    const dark = theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    preview.element.classList.toggle("dark", dark);
    sliders.dress(preview.element);
    setTimeout(preview.end, preview.LONGEST_MILLISECONDS);
  },

  end() {
    preview.element?.remove();
  },
};
preview.element && preview.begin();
