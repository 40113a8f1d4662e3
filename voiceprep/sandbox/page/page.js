"use strict";
/* Shows what /_page/feed tells. Text is only ever set as text: names come from
   strangers. Rows are kept by key, so that a sound that plays goes on playing. */

const EVERY_MS = 1000;
const STATES = ["ok", "ko", "no", "on", "wait"];
let labels = {};
let times = null;

/* Each section: its rows in the feed, a row's key, and its columns. A column shows
   text, or fills its cell itself. */
const SECTIONS = [
  {
    id: "contents",
    key: (row) => row.id,
    columns: {
      id: (row) => row.id,
      name: (row, cell) => name(row.name, cell, `content-${row.id}`),
      sound: (row, cell) => player(row, cell),
      length: (row) => `${row.duration} s`,
      bytes: (row) => number(row.filesize),
      created: (row) => time(row.created_at),
    },
  },
  {
    id: "mailings",
    key: (row) => row.id,
    columns: {
      id: (row) => row.id,
      name: (row, cell) => name(row.name ?? "–", cell),
      media: (row) => (row.cancelled ? `${row.media}, ${labels.cancelled}` : row.media),
      due: (row) => time(row.due_at),
      progress: (row, cell) => bar(row.stats, cell),
      total: (row) => number(row.stats.total),
      ok: (row) => number(row.stats.ok),
      ko: (row) => number(row.stats.ko),
      no: (row) => number(row.stats.no),
      on: (row) => number(row.stats.on),
      wait: (row) => number(row.stats.wait),
      optout: (row) => (row.media === "VOICE" ? number(row.stats.optout) : "–"),
    },
  },
  {
    id: "messages",
    key: (row) => row.id,
    columns: {
      id: (row) => row.id,
      mailing: (row) => row.mailing_id,
      recipient: (row) => row.recipient,
      state: (row, cell) => state(row.state, cell),
      description: (row) => row.description,
      changed: (row) => time(row.status_at),
    },
  },
  {
    id: "attempts",
    key: (row) => row.number,
    columns: {
      at: (row) => time(row.at),
      url: (row, cell) => name(row.url, cell),
      about: (row) => some(row.messages),
      answer: (row, cell) => verdict(row.status ?? row.trouble, !row.trouble, cell),
      took: (row) => `${number(row.took_ms)} ms`,
    },
  },
  {
    id: "calls",
    key: (row) => row.number,
    columns: {
      at: (row) => time(row.at * 1000),
      method: (row) => row.method,
      path: (row, cell) => name(row.query ? `${row.path}?${row.query}` : row.path, cell),
      answer: (row, cell) => verdict(row.status ?? labels.cut, good(row), cell),
      took: (row) => `${number(row.took_ms)} ms`,
      fault: (row) => row.fault ?? "",
    },
  },
];

function element(tag, attributes = {}, text = null) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  return made;
}

function number(value) {
  return Number(value).toLocaleString(labels.lang);
}

function time(at) {
  return at === null ? "–" : times.format(new Date(at));
}

/* A few of many ids: the rest is counted. */
function some(ids) {
  const shown = ids.slice(0, 5).join(", ");
  return ids.length > 5 ? `${shown} … (${number(ids.length)})` : shown;
}

/* Foreign text: isolated, so that no right-to-left override turns its neighbours. */
function name(text, cell, id = null) {
  let inner = cell.querySelector("bdi");
  if (inner === null) {
    inner = element("bdi", id === null ? {} : { id });
    cell.replaceChildren(inner);
  }
  if (inner.textContent !== text) inner.textContent = text;
}

function player(row, cell) {
  if (cell.firstChild !== null) return;
  const named = { "aria-labelledby": `h-contents-sound content-${row.id}` };
  const sound = element("audio", { controls: "", preload: "none", ...named });
  sound.src = row.path;
  cell.append(sound);
}

function state(key, cell) {
  const shown = `${labels[`is ${key}`]} (${key})`;
  if (cell.textContent === shown) return;
  cell.replaceChildren(element("span", { class: `mark ${key}` }, shown));
}

function good(row) {
  return row.status !== null && row.status < 400;
}

function verdict(text, well, cell) {
  const kind = well ? "ok" : "ko";
  cell.replaceChildren(element("span", { class: `mark ${kind}` }, String(text)));
}

/* How far a mailing is: drawn for the eye; the numbers stand in their own columns. */
function bar(stats, cell) {
  if (cell.firstChild === null) {
    const drawn = element("span", { class: "bar", "aria-hidden": "true" });
    for (const key of STATES) drawn.append(element("span", { class: key }));
    cell.append(drawn, element("span", { class: "unseen" }));
  }
  const [drawn, said] = cell.children;
  STATES.forEach((key, place) => {
    drawn.children[place].style.flexGrow = String(stats[key]);
  });
  const ended = stats.ok + stats.ko + stats.no;
  const share = stats.total === 0 ? 1 : ended / stats.total;
  const percent = share.toLocaleString(labels.lang, { style: "percent" });
  if (said.textContent !== percent) said.textContent = percent;
}

function build() {
  document.documentElement.lang = labels.lang;
  for (const each of document.querySelectorAll("[data-label]")) {
    each.textContent = labels[each.dataset.label];
  }
  for (const section of SECTIONS) {
    const link = element("a", { href: `#${section.id}` }, labels[section.id]);
    link.append(" ", element("span", { class: "count", id: `n-${section.id}` }));
    const item = element("li");
    item.append(link);
    document.getElementById("tabs").append(item);
    document.getElementById("main").append(built(section));
  }
}

function built(section) {
  const title = `t-${section.id}`;
  const place = element("section", { id: section.id, "aria-labelledby": title });
  const table = element("table", { role: "table", "aria-labelledby": title });
  const head = element("tr", { role: "row" });
  for (const column of Object.keys(section.columns)) {
    const id = `h-${section.id}-${column}`;
    const cell = { id, scope: "col", role: "columnheader", class: column };
    head.append(element("th", cell, labels[column]));
  }
  const top = element("thead", { role: "rowgroup" });
  top.append(head);
  section.body = element("tbody", { role: "rowgroup" });
  table.append(top, section.body);
  section.empty = element("p", { class: "empty" }, labels.nothing);
  section.title = element("h2", { id: title }, labels[section.id]);
  place.append(section.title, section.empty, table);
  section.table = table;
  return place;
}

/* Newest first. Rows that are there stay where they are; only what changed is set. */
function fill(section, rows) {
  const keys = new Set(rows.map((row) => String(section.key(row))));
  const old = new Map([...section.body.rows].map((line) => [line.dataset.key, line]));
  for (const [key, line] of old) if (!keys.has(key)) line.remove();
  let before = null;
  for (const row of rows) {
    const key = String(section.key(row));
    const line = old.get(key) ?? fresh(section, key);
    if (line.nextSibling !== before || line.parentNode === null) {
      section.body.insertBefore(line, before);
    }
    before = line;
    Object.entries(section.columns).forEach(([, show], place) => {
      const cell = line.cells[place];
      const text = show(row, cell);
      if (text !== undefined && cell.textContent !== String(text)) {
        cell.textContent = text;
      }
    });
  }
  section.empty.hidden = rows.length > 0;
  section.table.hidden = rows.length === 0;
}

function fresh(section, key) {
  const line = element("tr", { role: "row" });
  line.dataset.key = key;
  for (const column of Object.keys(section.columns)) {
    const cell = element("td", { role: "cell", class: column });
    cell.dataset.head = labels[column];
    line.append(cell);
  }
  return line;
}

async function ask(path) {
  const headers = { "X-Voiceprep-Page": "1" };
  const answer = await fetch(path, { headers, cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function refresh() {
  const told = await ask("/_page/feed");
  const now = document.getElementById("now");
  now.dateTime = told.now;
  now.textContent = time(told.now);
  for (const section of SECTIONS) {
    const rows = told[section.id];
    fill(section, rows);
    const count = told.counts[section.id];
    document.getElementById(`n-${section.id}`).textContent = number(count);
    const latest = labels.latest.replace("{0}", number(rows.length));
    const more = count > rows.length ? ` (${latest})` : "";
    section.title.textContent = labels[section.id] + more;
  }
}

async function main() {
  labels = await ask("/_page/labels.json");
  const regions = navigator.languages.filter((tag) => tag.startsWith(labels.lang));
  const date = { year: "numeric", month: "2-digit", day: "2-digit" };
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  times = new Intl.DateTimeFormat([...regions, labels.lang], { ...date, ...clock });
  build();
  const pause = document.getElementById("pause");
  const trouble = document.getElementById("trouble");
  let paused = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
  });
  for (;;) {
    if (!paused && !document.hidden) {
      try {
        await refresh();
        trouble.textContent = "";
      } catch {
        trouble.textContent = labels.lost;
      }
    }
    await new Promise((done) => setTimeout(done, EVERY_MS));
  }
}

main();
