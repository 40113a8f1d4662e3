const cards = [...document.querySelectorAll(".card")];

function cardOf(target) {
  return target instanceof Element ? target.closest(".card") : null;
}

/** The card that keys are meant for: of the focus, of the sound, or in view. */
function cardInUse() {
  const focused = cardOf(document.activeElement);
  if (focused) return focused;
  if (Player.current) return Player.current.card;
  return cards.find((card) => !card.hidden && card.getBoundingClientRect().bottom > 120);
}

// Clicks

function onClick(event) {
  const card = cardOf(event.target);
  if (!card) return;
  const doing = [
    [".play", () => playerOf(card).toggle()],
    [".switch", () => playerOf(card).switchSide()],
    [".place", (button) => listenAt(card, Number(button.dataset.at))],
    [".approve", () => decide(card, "approved")],
    [".reject", () => decide(card, "rejected")],
    [".undo", () => takeBack(card)],
  ];
  for (const [selector, act] of doing) {
    const button = event.target.closest(selector);
    if (button) return act(button), handOver(event, card, selector);
  }
}

/** After a mouse's click on the player, keys are for the sound, not the button. */
function handOver(event, card, selector) {
  const ofPlayer = [".play", ".switch", ".place"].includes(selector);
  if (event.detail && ofPlayer) card.querySelector(".stage")?.focus({ preventScroll: true });
}

function listenAt(card, time) {
  const player = playerOf(card);
  if (!player) return;
  player.seek(time);
  if (!player.playing) player.play();
}

// Pointing at the waveforms: a mark is listened to, anywhere else is sought

function onPointerDown(event) {
  const stage = event.target.closest?.(".stage");
  const player = stage && playerOf(cardOf(stage));
  if (!player || event.button) return;
  const mark = event.target.closest(".mark");
  if (mark) return listenAt(player.card, beginningOf(mark, timeAt(player, event), player));
  stage.setPointerCapture(event.pointerId);
  player.seek(timeAt(player, event));
}

/** Where the part of a mark begins that was pointed at; narrow ones are drawn wider. */
function beginningOf(mark, time, player) {
  const starts = mark.dataset.at.split(" ").map(Number);
  const begun = starts.filter((start) => start <= time + player.seconds / 200);
  return begun.at(-1) ?? starts[0];
}

function onPointerMove(event) {
  const stage = event.target.closest?.(".stage");
  if (!stage?.hasPointerCapture(event.pointerId)) return;
  const player = playerOf(cardOf(stage));
  player.seek(timeAt(player, event));
}

function timeAt(player, event) {
  const box = player.stage.getBoundingClientRect();
  return ((event.clientX - box.left) / box.width) * player.seconds;
}

// Keys: where the focus is, else for the card in use; never while writing

const KEYS = {
  " ": (card) => playerOf(card)?.toggle(),
  ArrowLeft: (card) => step(card, -STEP_S),
  ArrowRight: (card) => step(card, STEP_S),
  Home: (card) => playerOf(card)?.seek(0),
  End: (card) => playerOf(card)?.seek(Infinity),
  t: (card) => playerOf(card)?.switchSide(),
  a: (card) => decide(card, "approved"),
  r: (card) => decide(card, "rejected"),
  j: (card) => go(card, 1),
  k: (card) => go(card, -1),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target;
  if (target.closest("input, textarea")) return;
  const ownKey = event.key === " " || event.key === "Enter";
  if (ownKey && target.closest("button, a, summary")) return;
  if (["Home", "End"].includes(event.key) && !target.closest(".stage")) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  const card = act && cardInUse();
  if (!card) return;
  event.preventDefault();
  act(card);
}

function step(card, by) {
  const player = playerOf(card);
  player?.seek(player.position + by);
}

function go(card, by) {
  const shown = cards.filter((each) => !each.hidden);
  const next = shown[shown.indexOf(card) + by];
  next?.scrollIntoView({ block: "start" });
  (next?.querySelector(".stage") ?? next?.querySelector("button"))?.focus({ preventScroll: true });
}

// What is shown

const finder = document.getElementById("find");

function onFilter(event) {
  const button = event.target.closest("button");
  if (!button) return;
  for (const each of event.currentTarget.querySelectorAll("button")) {
    each.setAttribute("aria-pressed", each === button);
  }
  showChosen();
}

function showChosen() {
  const { show } = document.querySelector(".filters [aria-pressed=true]").dataset;
  const part = finder?.value.trim().toLowerCase() ?? "";
  for (const card of cards) card.hidden = !belongs(card, show) || !isNamed(card, part);
  const none = cards.length > 0 && cards.every((card) => card.hidden);
  document.getElementById("none-shown").hidden = !none;
}

function isNamed(card, part) {
  return card.querySelector("header").textContent.toLowerCase().includes(part);
}

function belongs(card, show) {
  if (show === "open") return keyOf(card) && !card.dataset.decision;
  return show === "all" || card.dataset.standing === show;
}

function onClickOf(selector, act) {
  for (const each of document.querySelectorAll(selector)) each.addEventListener("click", act);
}

document.addEventListener("click", onClick);
document.addEventListener("pointerdown", onPointerDown);
document.addEventListener("pointermove", onPointerMove);
document.addEventListener("keydown", onKey);
document.addEventListener("change", (event) => {
  if (event.target.closest(".comment")) comment(cardOf(event.target), event.target.value);
});
document.querySelector(".filters").addEventListener("click", onFilter);
onClickOf(".export", exportDecisions);
onClickOf(".print", () => window.print());
finder?.addEventListener("input", showChosen);
who.value = store.getItem(`${KEY}name`) ?? "";
who.addEventListener("change", keepName);
for (const card of cards) showDecision(card);
showProgress();

// A player is made when its card comes near: a page of hundreds opens at once.
const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) playerOf(target);
  }
}, { rootMargin: "400px" });
for (const card of cards) near.observe(card);
