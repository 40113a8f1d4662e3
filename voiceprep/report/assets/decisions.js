const SCHEMA = "voiceprep.approvals/1";
const DECISIONS = ["approved", "rejected"];
const KEY = "voiceprep.approvals/1:"; // before the SHA-256 of what was heard

/** Return the browser's store, or one that lasts as long as the page does. */
function openStore() {
  try {
    window.localStorage.setItem(KEY, "");
    window.localStorage.removeItem(KEY);
    return window.localStorage;
  } catch {
    const kept = new Map();
    return {
      lasts: false,
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => kept.set(key, value),
      removeItem: (key) => kept.delete(key),
    };
  }
}

const store = openStore();
const who = document.getElementById("who");

function recordOf(card) {
  return JSON.parse(card.dataset.record);
}

function keyOf(card) {
  const { sha256 } = recordOf(card);
  return sha256 && KEY + sha256.prepared;
}

function decisionOf(card) {
  const key = keyOf(card);
  if (!key) return null;
  try {
    const entry = JSON.parse(store.getItem(key));
    return DECISIONS.includes(entry?.decision) ? { ...entry, ...recordOf(card) } : null;
  } catch {
    return null; // not ours, or broken: as if nothing had been decided
  }
}

/** Keep a decision about what was heard, or take the same one back. */
function decide(card, decision) {
  if (!keyOf(card)) return;
  if (!who.value.trim()) return askName();
  if (decisionOf(card)?.decision === decision) return takeBack(card);
  keep(card, {
    ...recordOf(card),
    decision,
    name: who.value.trim(),
    time: new Date().toISOString(),
    comment: card.querySelector(".comment input").value.trim(),
  });
}

function keep(card, entry) {
  store.setItem(keyOf(card), JSON.stringify(entry));
  showAlike(card);
}

function takeBack(card) {
  store.removeItem(keyOf(card));
  showAlike(card);
}

/** Show a decision on every card that sounds the same: it is about what was heard. */
function showAlike(card) {
  const key = keyOf(card);
  for (const each of cardsToDecide()) if (keyOf(each) === key) showDecision(each);
  showProgress();
}

function comment(card, text) {
  const entry = decisionOf(card);
  if (entry) keep(card, { ...entry, comment: text.trim() });
}

function askName() {
  document.getElementById("progress").textContent = say("name.needed");
  who.focus();
  who.scrollIntoView({ block: "center" });
}

/** Say a decision in words: what, by whom, when. */
function spoken(entry) {
  const form = { dateStyle: "medium", timeStyle: "short" };
  const locale = LANGUAGE === "en" ? "en-GB" : LANGUAGE;
  const when = new Date(entry.time).toLocaleString(locale, form);
  return say("by", { decision: say(entry.decision), name: entry.name, when });
}

function showDecision(card) {
  const entry = decisionOf(card);
  const row = document.querySelector(`.sheet tr[data-of="${card.id}"] .decision`);
  card.dataset.decision = entry?.decision ?? "";
  if (!keyOf(card)) return;
  const pressed = { approve: "approved", reject: "rejected" };
  for (const [name, decision] of Object.entries(pressed)) {
    const button = card.querySelector(`.${name}`);
    button.setAttribute("aria-pressed", entry?.decision === decision);
  }
  card.querySelector(".decided").textContent = entry ? spoken(entry) : "";
  card.querySelector(".undo").hidden = !entry;
  if (entry?.comment) card.querySelector(".comment input").value = entry.comment;
  const remark = entry?.comment ? `: ${entry.comment}` : "";
  row.textContent = entry ? spoken(entry) + remark : say("sheet.undecided");
}

function cardsToDecide() {
  return [...document.querySelectorAll(".card")].filter(keyOf);
}

function showProgress() {
  const all = cardsToDecide();
  const done = all.filter((card) => card.dataset.decision).length;
  const said = say("progress", { done, all: all.length });
  document.getElementById("progress").textContent = said;
  document.getElementById("sheet-progress").textContent = said;
  document.getElementById("open-count").textContent = all.length - done;
  if (store.lasts === false) {
    document.getElementById("progress").textContent = `${said}. ${say("not_kept")}`;
  }
}

/** Hand the decisions over as a file. */
function exportDecisions() {
  const approvals = cardsToDecide().map(decisionOf).filter(Boolean);
  const text = JSON.stringify({ schema: SCHEMA, approvals }, null, 2) + "\n";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = "approvals.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Remember whose decisions these are, from page to page. */
function keepName() {
  store.setItem(`${KEY}name`, who.value);
  showProgress();
}
