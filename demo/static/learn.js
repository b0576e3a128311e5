// Learn: what its parts are to show, once the tab has been opened.
const learn = window.learn = {
  chosen: null, // what the layers are shown of; null before the tab is opened
  always: null, // what everything else is shown of, whatever is chosen: only the language counts

  choose(photograph, scale, loss) {
    if (!loss) return; // what is offered is not shown yet
    learn.chosen = demo.token(photograph, "", scale, loss);
    learn.always = demo.token("astronaut", "", 0, "mse");
    demo.refresh();
  },

  request: choice => choice && JSON.stringify({choice}),

  requests: {
    steps: () => learn.request(learn.chosen),
    optimised: () => learn.request(learn.always),
    limits: () => learn.request(learn.always),
    succession: () => learn.request(learn.always),
  },

  shown: {
    // Where the networks that followed are shown, words about them are not needed.
    succession(element) {
      document.getElementById("learn-papers").hidden = Boolean(element.querySelector(".content").children.length);
    },
  },
};
