const WORDS = JSON.parse(document.getElementById("words").textContent);
const LANGUAGE = document.documentElement.lang;

/** Say a word of the catalogue, its placeholders filled in. */
function say(key, values = {}) {
  return WORDS[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Write a position as the page does: minutes, seconds and tenths. */
function clock(seconds) {
  const tenths = Math.floor(seconds * 10 + 1e-6);
  const rest = String(Math.floor((tenths % 600) / 10)).padStart(2, "0");
  return `${Math.floor(tenths / 600)}:${rest}${LANGUAGE === "fr" ? "," : "."}${tenths % 10}`;
}

const FAR_S = 0.3; // apart by more: jump; by less: the silent one hurries or waits
const NEAR_S = 0.008;
const STEP_S = 2;

/**
 * Plays the two sounds of a card as one.
 *
 * Both run at once and one of them is mute, so that switching leaves no gap. Times
 * are those of the original; the phone's sound lacks what was cut from it.
 */
class Player {
  static current = null;

  constructor(card) {
    this.card = card;
    this.stage = card.querySelector(".stage");
    this.seconds = Number(card.dataset.seconds);
    this.cuts = JSON.parse(card.dataset.cuts);
    this.sounds = {};
    for (const side of ["original", "phone"]) {
      const sound = card.querySelector(`audio.${side}`);
      if (sound) this.add(side, sound);
    }
    this.now = 0;
    this.playing = false;
    this.show(this.sounds.phone ? "phone" : "original");
  }

  add(side, sound) {
    this.sounds[side] = sound;
    sound.addEventListener("error", () => this.lose(side));
    sound.addEventListener("ended", () => side === this.side && this.pause());
  }

  /** Go on without a sound that this browser can't play. */
  lose(side) {
    delete this.sounds[side];
    this.card.querySelector(".trouble").textContent = say("absence.failed");
    this.card.querySelector(".switch").disabled = true;
    const other = Object.keys(this.sounds)[0];
    if (side !== this.side) return;
    if (!other) return this.pause();
    this.show(other);
    this.seek(this.now);
    if (this.playing) this.play();
  }

  get sound() {
    return this.sounds[this.side];
  }

  /** The sound that runs along unheard, if there is one. */
  get silent() {
    return this.sounds[this.side === "phone" ? "original" : "phone"];
  }

  /** Where a time of the original stands in a sound. */
  within(side, time) {
    if (side === "original") return time;
    const cut = ([from, to]) => Math.max(0, Math.min(time, to) - from);
    return this.cuts.reduce((left, each) => left - cut(each), time);
  }

  /** Which time of the original a sound has reached. */
  timeOf(side) {
    const reached = this.sounds[side].currentTime;
    if (side === "original") return reached;
    const past = (time, [from, to]) => (time >= from ? time + to - from : time);
    return this.cuts.reduce(past, reached);
  }

  isCut(time) {
    return this.cuts.some(([from, to]) => time >= from && time < to);
  }

  get position() {
    return this.playing && this.sound ? this.timeOf(this.side) : this.now;
  }

  play() {
    if (!this.sound) return;
    if (Player.current !== this) Player.current?.pause();
    Player.current = this;
    if (this.now >= this.endOf(this.side) - 0.05) this.seek(0);
    this.playing = true;
    this.paint();
    for (const sound of Object.values(this.sounds)) start(sound);
    requestAnimationFrame(() => this.tick());
  }

  pause() {
    if (this.sound) this.now = Math.min(this.timeOf(this.side), this.seconds);
    this.playing = false;
    for (const sound of Object.values(this.sounds)) sound.pause();
    this.seek(this.now);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  endOf(side) {
    const { duration } = this.sounds[side];
    return side === "original" && Number.isFinite(duration) ? duration : this.seconds;
  }

  seek(time) {
    this.now = Math.max(0, Math.min(time, this.seconds));
    for (const side of Object.keys(this.sounds)) this.move(side, this.now);
    this.paint();
  }

  move(side, time) {
    this.sounds[side].currentTime = this.within(side, time);
  }

  /** Hear the other one from the very same moment. */
  switchSide() {
    if (!this.silent) return;
    const time = this.position;
    const to = this.side === "phone" ? "original" : "phone";
    this.sounds[to].playbackRate = 1;
    this.show(to);
    if (Math.abs(this.timeOf(to) - time) > 0.03) this.move(to, time);
    if (this.playing) start(this.sound);
    this.now = time;
    this.paint();
  }

  show(side) {
    this.side = side;
    this.card.dataset.side = side;
    for (const [name, sound] of Object.entries(this.sounds)) sound.muted = name !== side;
    this.card.querySelector(".switch").setAttribute("aria-checked", side === "phone");
  }

  tick() {
    if (!this.playing) return;
    this.now = this.position;
    if (this.silent) this.keepTogether();
    this.paint();
    requestAnimationFrame(() => this.tick());
  }

  /** Let the silent sound hurry or wait until it stands where the heard one does. */
  keepTogether() {
    const side = this.side === "phone" ? "original" : "phone";
    const sound = this.silent;
    const aim = this.within(side, this.now);
    const nothing = side === "phone" && this.isCut(this.now);
    if (nothing || aim >= sound.duration) return sound.pause();
    if (sound.seeking || sound.readyState < 3) return;
    const late = aim - sound.currentTime;
    if (Math.abs(late) > FAR_S) sound.currentTime = aim;
    const hurry = Math.max(-0.5, Math.min(0.5, late * 5)); // nobody hears it
    sound.playbackRate = Math.abs(late) > NEAR_S && Math.abs(late) < FAR_S ? 1 + hurry : 1;
    if (sound.paused) start(sound);
  }

  paint() {
    const share = this.seconds ? Math.min(this.now / this.seconds, 1) : 0;
    const said = clock(this.now);
    this.card.classList.toggle("is-on", this.playing);
    this.stage.style.setProperty("--played", share);
    if (said !== this.said) this.sayPosition(said);
    const label = say(this.playing ? "pause" : "play");
    this.card.querySelector(".play").setAttribute("aria-label", label);
  }

  sayPosition(said) {
    this.said = said;
    this.card.querySelector(".now").textContent = said;
    this.stage.setAttribute("aria-valuenow", this.now.toFixed(1));
    const text = say("of_time", { now: said, all: clock(this.seconds) });
    this.stage.setAttribute("aria-valuetext", text);
  }
}

/** Start a sound; whoever pauses it before it began is no trouble. */
function start(sound) {
  sound.play().catch(() => {});
}

const players = new Map();

/** Return the player of a card; it is made when it is first needed. */
function playerOf(card) {
  if (!card?.querySelector("audio")) return null;
  if (!players.has(card)) players.set(card, new Player(card));
  return players.get(card);
}
