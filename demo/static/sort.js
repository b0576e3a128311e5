// Runs in gr.HTML: a click on a head sorts the table by that column, another one turns the order round.
// A cell's data-value is what it is sorted by; one without is of nothing that is known, and comes last.
let column = -1, order, scale = "";

// Show the rows of one scale, "3", or of all, "".
window.filterModels = chosen => {
    scale = chosen;
    for (const row of element.querySelectorAll("tbody tr")) row.hidden = scale && row.cells[2].dataset.value !== scale;
};

function sort() {
    const heads = [...element.querySelectorAll("thead th")];
    if (column < 0 || !heads.length) return;
    heads.forEach((head, at) => at === column ? head.setAttribute("aria-sort", order) : head.removeAttribute("aria-sort"));
    const body = element.querySelector("tbody"), turned = order === "descending" ? -1 : 1;
    const value = row => row.cells[column].dataset.value;
    const difference = (a, b) => isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b;
    body.append(...[...body.rows].sort((first, second) => {
        const [a, b] = [value(first), value(second)];
        return a === undefined || b === undefined ? (a === undefined) - (b === undefined) : turned * difference(a, b);
    }));
}

element.addEventListener("click", event => {
    const head = event.target.closest("thead th");
    if (!head) return;
    order = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
    column = head.cellIndex;
    sort();
});
watch("value", () => {
    sort();
    filterModels(scale);
});
