// Search that opens folds, all folds at once, and print. Without it the annex reads as it is.
const tools = document.querySelector(".tools");
const sought = document.getElementById("sought");
const hits = document.getElementById("hits");
const unfold = document.getElementById("unfold");
const PLACES = "main :is(p, li, tr, dt, dd, figcaption, h2, h3, h4, summary)";
let last = "";
let found = [];
let at = -1;
tools.hidden = false;

function search(words) {
  const all = [...document.querySelectorAll(PLACES)];
  const holding = all.filter((one) => one.textContent.toLowerCase().includes(words));
  return holding.filter((one) => !holding.some((other) => other !== one && one.contains(other)));
}

function show(place) {
  for (let one = place.parentElement; one; one = one.parentElement) {
    if (one.tagName === "DETAILS") one.open = true;
  }
  place.classList.add("hit");
  place.scrollIntoView({ block: "center" });
}

tools.addEventListener("submit", (event) => {
  event.preventDefault();
  const words = sought.value.trim().toLowerCase();
  if (at >= 0) found[at].classList.remove("hit");
  if (words !== last) [last, found, at] = [words, words ? search(words) : [], -1];
  if (found.length) {
    at = (at + 1) % found.length;
    show(found[at]);
  }
  hits.textContent = words ? (found.length ? `${at + 1} of ${found.length}` : "nothing found") : "";
});

unfold.addEventListener("click", () => {
  const open = unfold.getAttribute("aria-pressed") !== "true";
  unfold.setAttribute("aria-pressed", String(open));
  unfold.textContent = open ? "Close all tables" : "Open all tables";
  for (const one of document.querySelectorAll("details")) one.open = open;
});

document.getElementById("paper").addEventListener("click", () => print());
