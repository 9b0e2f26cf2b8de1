// The page: what one person sees of Slack on this laptop, kept as it is now, and what they do there.
import { blockNode } from "./blocks.js";
import { emoji, h, mrkdwn } from "./text.js";

const $ = (id) => document.getElementById(id);
const at = { who: "", channel: "", thread: "" };
const seen = new Map();
const chosen = new Map();
const opened = new Map();
const drafts = new Map();
let state = null;
let people = [];

// The address says who looks at what: #you/C0PLATFORM/1780000000.000001, and #you/D0YOU/home
function readAddress() {
  const [who, channel, thread] = location.hash.slice(1).split("/");
  at.who = people.find((one) => one.name === who || one.id === who)?.name || at.who || people[0].name;
  at.channel = channel || at.channel;
  at.thread = thread || "";
}

function go(change) {
  Object.assign(at, change);
  const address = `#${at.who}/${at.channel}${at.thread ? `/${at.thread}` : ""}`;
  if (location.hash !== address) history.replaceState(null, "", address);
}

async function ask(path, body) {
  const request = body ? { method: "POST", headers: { "Content-Type": "application/json", "X-Requested-By": "page" }, body: JSON.stringify(body) } : {};
  const reply = await fetch(path, request);
  const told = await reply.json();
  if (!reply.ok) throw new Error(told.error || `It answered ${reply.status}.`);
  return told;
}

function say(words) {
  $("failed").textContent = words;
  $("failed").hidden = !words;
  if (words) setTimeout(() => { if ($("failed").textContent === words) $("failed").hidden = true; }, 8000);
}

async function act(what, asked) {
  try {
    const told = await ask(`/page/do/${what}`, { as: at.who, ...asked });
    await refresh();
    return told;
  } catch (error) {
    say(`${error.message[0].toUpperCase()}${error.message.slice(1)}.`);
    return null;
  }
}

const names = {
  user: (id) => state.users[id]?.name || id,
  channel: (id) => state.channels.find((one) => one.id === id)?.name,
};

async function refresh() {
  state = await ask(`/page/state?as=${encodeURIComponent(at.who)}`);
  if (!state.channels.some((one) => one.id === at.channel)) go({ channel: state.channels.find((one) => one.kind !== "im").id, thread: "" });
  show();
}

async function follow() {
  for (;;) {
    try {
      const { version } = await ask(`/page/changes?since=${state.version}`);
      if (version !== state.version) await refresh();
      $("app").classList.remove("away");
    } catch {
      $("app").classList.add("away");
      say("The laptop's Slack does not answer. Start it again with devops-copilot chat.");
      await new Promise((done) => setTimeout(done, 2000));
    }
  }
}

// Lists keep the nodes of what has not changed, so that focus, selection and scrolling stay.
function list(parent, items) {
  const known = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let next = parent.firstElementChild;
  for (const { key, is, node } of items) {
    const before = known.get(key);
    known.delete(key);
    let now = before;
    if (!before || before.dataset.is !== is) {
      now = node();
      now.dataset.key = key;
      now.dataset.is = is;
      if (before) {
        const focused = before.contains(document.activeElement) && document.activeElement.dataset.action;
        if (next === before) next = now;
        before.replaceWith(now);
        if (focused) now.querySelector(`[data-action="${CSS.escape(focused)}"]`)?.focus();
      }
    }
    if (now === next) next = next.nextElementSibling;
    else parent.insertBefore(now, next);
  }
  for (const node of known.values()) node.remove();
}

const hue = (id) => [...id].reduce((sum, one) => (sum * 7 + one.charCodeAt(0)) % 1009, 0) % 8;
const initials = (name) => name.replace(/\(.*\)/, "").trim().split(/\s+/).map((one) => one[0]).slice(0, 2).join("").toUpperCase();
const clock = (ts) => new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`);

function avatar(user) {
  return h("span", { class: `avatar ${user.kind === "app" ? "app" : `hue-${hue(user.id)}`}`, "aria-hidden": "true" }, initials(user.real_name));
}

function badge(user) {
  if (user.kind === "app") return h("span", { class: "badge" }, "APP");
  if (user.kind === "guest") return h("span", { class: "badge quiet" }, "Guest");
  return user.team !== state.users[state.me].team && h("span", { class: "badge quiet" }, state.workspaces[user.team]);
}

function file(one) {
  const source = `/page/file?as=${encodeURIComponent(at.who)}&id=${encodeURIComponent(one.id)}`;
  if (/^image\/(png|jpeg|gif)$/.test(one.mimetype)) return h("figure", {}, h("img", { src: source, alt: one.title }), h("figcaption", {}, one.title));
  return h("a", { class: "file", href: source, download: one.name },
    h("span", { class: "file-kind", "aria-hidden": "true" }, (one.filetype || "file").slice(0, 4).toUpperCase()),
    h("span", {}, h("span", { class: "file-name" }, one.title), h("span", { class: "small" }, `${one.pretty_type || ""} · ${size(one.size)}`)));
}

function using(message) {
  const key = `${at.who}/${message.channel}/${message.ts}`;
  const mine = chosen.get(key) || chosen.set(key, {}).get(key);
  const wide = opened.get(key) || opened.set(key, new Set()).get(key);
  const place = { channel: message.channel, ts: message.ts };
  return {
    key, names, opened: wide, people: Object.values(state.users).filter((one) => !one.kind),
    file: (id) => `/page/file?as=${encodeURIComponent(at.who)}&id=${encodeURIComponent(id)}`,
    chosen: (element) => mine[element.action_id],
    choose: (element, values) => { mine[element.action_id] = values; act("choose", { ...place, element: element.action_id, chosen: values }); },
    type: (element, text) => { mine[element.action_id] = text; },
    press: (element) => act("press", { ...place, element: element.at || element.action_id }),
    toggled: (element, open) => (open ? wide.add(element.action_id) : wide.delete(element.action_id)),
    confirm,
  };
}

function messageNode(message, follows, where) {
  const user = state.users[message.user];
  const on = { ...using(message), ended: message.streaming_state === "completed" };
  const blocks = message.blocks?.length && !message.client_msg_id ? message.blocks.map((one) => blockNode(one, on)) : mrkdwn(message.text || "", names);
  const replies = where === "channel" && message.replies > 0;
  return h("article", { class: `message${follows ? " follows" : ""}${message.only_for_you ? " alone" : ""}${where === "below" ? " below" : ""}`, "aria-label": `${user.real_name}, ${clock(message.ts)}` },
    follows ? h("time", { class: "beside" }, clock(message.ts)) : avatar(user),
    h("div", { class: "body" },
      message.only_for_you && h("p", { class: "only small" }, h("span", { "aria-hidden": "true" }, "◉ "), "Only visible to you"),
      !follows && h("p", { class: "by" }, h("strong", {}, user.real_name), badge(user), h("time", { class: "small" }, clock(message.ts))),
      h("div", { class: "blocks" }, blocks, message.edited && !message.bot_id && h("span", { class: "small" }, " (edited)"),
        message.streaming_state === "in_progress" && h("span", { class: "streaming small" }, "writing…")),
      message.files?.length > 0 && h("div", { class: "files" }, message.files.map(file)),
      replies && h("button", { class: "replies", onclick: () => openThread(message.ts) }, `${message.replies} ${message.replies > 1 ? "replies" : "reply"}`),
      where === "channel" && !replies && !message.only_for_you
        && h("button", { class: "button reply", "aria-label": `Reply to ${user.real_name}`, onclick: () => openThread(message.ts) }, "Reply")));
}

function items(messages, where) {
  let before = null;
  return messages.map((message) => {
    const follows = Boolean(before && before.user === message.user && !message.only_for_you && !before.only_for_you && before.below === message.below && Number(message.ts) - Number(before.ts) < 180);
    before = message;
    const how = message.below ? "below" : where;
    const is = JSON.stringify([message, follows, how, at.who]);
    return { key: message.ts, is, node: () => messageNode(message, follows, how) };
  });
}

const working = (words) => ({ key: "status", is: words, node: () => h("p", { class: "working small" }, h("span", { class: "dots", "aria-hidden": "true" }), `${state.app.name} ${words}`) });

// Who reads the newest goes on reading the newest, pictures that come late included.
function scrolled(log, change) {
  const low = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const was = log.dataset.of;
  change();
  if (!low && was === log.dataset.of) return;
  const down = () => { log.scrollTop = log.scrollHeight; };
  down();
  for (const picture of log.querySelectorAll("img")) if (!picture.complete) picture.addEventListener("load", down, { once: true });
}

function shownIn(channel) {
  const all = state.messages[channel.id] || [];
  if (channel.kind !== "im") return all.filter((one) => !one.thread_ts || one.thread_ts === one.ts);
  const roots = all.filter((one) => !one.thread_ts || one.thread_ts === one.ts);
  const below = (root) => all.filter((one) => one.thread_ts === root.ts && one.ts !== root.ts).map((one) => ({ ...one, below: true }));
  return roots.flatMap((root) => [root, ...below(root)]);
}

function show() {
  const me = state.users[state.me];
  const channel = state.channels.find((one) => one.id === at.channel);
  $("workspace").textContent = state.workspaces[me.team];
  document.title = `${channel.kind === "im" ? state.app.name : `#${channel.name}`} · ${state.workspaces[me.team]}`;
  showSide(channel);
  showChannel(channel);
  showThread(channel);
  showDeliveries();
  showModal();
}

const label = (channel) => (channel.kind === "im" ? state.app.name : channel.name);

function showSide(now) {
  const entry = (channel) => {
    const newest = (state.messages[channel.id] || []).filter((one) => one.user !== state.me).at(-1)?.ts || "";
    const key = `${at.who}/${channel.id}`;
    if (channel.id === now.id || !seen.has(key)) seen.set(key, newest);
    const fresh = newest > seen.get(key);
    const mark = channel.kind === "im" ? "●" : channel.kind === "group" ? "▪" : "#";
    const is = JSON.stringify([channel, fresh, channel.id === now.id, at.who]);
    return { key: channel.id, is, node: () => h("li", {}, h("button", {
      class: `channel${fresh ? " fresh" : ""}`, "aria-current": channel.id === now.id ? "page" : undefined,
      onclick: () => openChannel(channel),
    }, h("span", { class: "hash", "aria-hidden": "true" }, mark), h("span", {}, label(channel)),
      channel.shared && h("span", { class: "badge quiet", title: "Shared with another organisation" }, "shared"),
      fresh && h("span", { class: "dot", role: "img", "aria-label": "new" }))) };
  };
  list($("channels"), state.channels.filter((one) => one.kind !== "im" && !one.archived).map(entry));
  list($("direct"), state.channels.filter((one) => one.kind === "im").map(entry));
}

function showChannel(channel) {
  $("title").textContent = channel.kind === "im" ? state.app.name : `#${channel.name}`;
  $("topic").textContent = channel.kind === "im" ? "You and the copilot alone" : channel.topic;
  const others = channel.members.map((id) => state.users[id]);
  $("badges").replaceChildren(...[
    channel.kind !== "im" && h("span", { class: "badge quiet", title: others.map((one) => one.real_name).join(", ") }, `${others.length} members`),
    channel.shared && h("span", { class: "badge warn" }, "Shared with another organisation"),
    channel.kind === "group" && h("span", { class: "badge quiet" }, "Private"),
    others.some((one) => one.kind === "guest") && h("span", { class: "badge warn" }, "A guest is here"),
  ].filter(Boolean));
  const home = channel.kind === "im" && at.thread === "home";
  showTabs(channel, home);
  $("write-form").hidden = home;
  $("prompts").hidden = home;
  if (home) return showHome(channel);
  showPrompts(channel);
  composer($("write-form"), channel, "");
  const log = $("messages");
  scrolled(log, () => {
    log.dataset.of = `${at.who}/${channel.id}`;
    const shown = items(shownIn(channel), channel.kind === "im" ? "direct" : "channel");
    for (const [key, words] of Object.entries(state.statuses)) if (channel.kind === "im" && key.startsWith(`${channel.id}/`)) shown.push(working(words));
    if (!shown.length) shown.push({ key: "empty", is: `${channel.id}${at.who}`, node: () => empty(channel) });
    list(log, shown);
  });
}

function showTabs(channel, home) {
  const tab = (words, here, thread) => ({ key: words, is: JSON.stringify([here, channel.id, at.who]), node: () =>
    h("button", { class: "tab", type: "button", "aria-current": here ? "page" : undefined, onclick: () => openTab(thread) }, words) });
  $("tabs").hidden = channel.kind !== "im";
  list($("tabs"), channel.kind === "im" ? [tab("Home", home, "home"), tab("Messages", !home, "")] : []);
}

function openTab(thread) {
  go({ thread });
  show();
  act("open", { tab: thread || "messages" });
}

function showHome(channel) {
  const log = $("messages");
  const of = `${at.who}/${channel.id}/home`;
  list(log, [{ key: "home", is: JSON.stringify([state.home, at.who]), node: () => homeNode(state.home) }]);
  if (log.dataset.of !== of) log.scrollTop = 0;
  log.dataset.of = of;
}

function homeNode(view) {
  if (!view) return h("div", { class: "empty" }, h("p", { class: "small" }, "The app shows nothing here yet."));
  const on = { ...using({ channel: "", ts: view.id }), press: (element) => act("use", { view: view.id, element: element.at || element.action_id, chosen: {} }) };
  return h("article", { class: "home blocks", "aria-label": "Home" }, view.blocks.map((one) => blockNode(one, on)));
}

function empty(channel) {
  const how = channel.kind === "im" ? "Ask it something: nobody else sees what you two say." : channel.heard
    ? `Mention @${names.user(state.app.user)} and ask, such as “@${names.user(state.app.user)} how is production?”` : "The copilot is not in this channel.";
  return h("div", { class: "empty" }, h("p", {}, h("strong", {}, channel.kind === "im" ? state.app.name : `This is #${channel.name}`)), h("p", { class: "small" }, how));
}

function showPrompts(channel) {
  const told = state.prompts[channel.id];
  $("prompts").replaceChildren(...(told && !shownIn(channel).length ? told.prompts.map((one) => h("button", { class: "button", type: "button", onclick: () => send(channel, "", one.message, []) }, one.title)) : []));
}

function showThread(channel) {
  const all = state.messages[channel.id] || [];
  const root = at.thread && all.find((one) => one.ts === at.thread);
  $("thread").hidden = !root;
  $("app").classList.toggle("with-thread", Boolean(root));
  if (!root) return;
  composer($("reply-form"), channel, root.ts);
  const log = $("replies");
  scrolled(log, () => {
    log.dataset.of = `${at.who}/${channel.id}/${root.ts}`;
    const shown = items(all.filter((one) => one.ts === root.ts || one.thread_ts === root.ts), "thread");
    const status = state.statuses[`${channel.id}/${root.ts}`];
    list(log, status ? [...shown, working(status)] : shown);
  });
}

const FAILURES = { http_error: "answered with an error", http_timeout: "took longer than 3 s", connection_failed: "could not be reached" };

function showDeliveries() {
  const told = [...state.deliveries].reverse();
  list($("deliveries").querySelector("ol"), told.map((one, number) => ({ key: String(told.length - number), is: JSON.stringify(one), node: () =>
    h("li", { class: one.taken ? "taken" : one.failure ? "failed" : "" }, h("span", {}, one.what),
      h("span", { class: "small" }, !one.sent ? "not sent: no address" : one.tries === 0 ? "on its way" : `${one.status ?? one.failure} · ${one.ms} ms${one.tries > 1 ? ` · ${one.tries} tries` : ""}`)) })));
  const last = told.find((one) => one.sent && one.tries > 0);
  const notice = $("notice");
  if (last && !last.taken && last.failure) {
    const tried = `${last.what}${last.tries > 1 ? `, tried ${last.tries} times` : ""}`;
    const words = `The copilot ${FAILURES[last.failure] || last.failure} (${tried}).${last.again ? " Slack sends it again." : ""}`;
    if (notice.textContent !== words) notice.replaceChildren(h("p", { class: `alert ${last.again ? "warning" : "error"}` }, words));
  } else notice.replaceChildren();
}

function composer(form, channel, thread) {
  const key = `${at.who}/${channel.id}/${thread}`;
  if (form.dataset.of === `${key}/${channel.heard}`) return;
  form.dataset.of = `${key}/${channel.heard}`;
  if (channel.archived) return form.replaceChildren(h("p", { class: "small" }, "This channel is archived."));
  const files = [];
  const bot = names.user(state.app.user);
  const where = thread ? "Reply…" : channel.kind === "im" ? `Message ${state.app.name}` : `Message #${channel.name}`;
  const attached = h("div", { class: "attached" });
  const showFiles = () => attached.replaceChildren(...files.map((one, number) => h("span", { class: "badge quiet" }, `${one.name} · ${size(one.size)} `,
    h("button", { type: "button", class: "plain", "aria-label": `Take ${one.name} away`, onclick: () => { files.splice(number, 1); showFiles(); } }, "✕"))));
  const text = h("textarea", { id: thread ? "reply" : "write", rows: "1", placeholder: where, "aria-label": where,
    oninput: () => { drafts.set(key, text.value); grow(); },
    onkeydown: (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
      if (event.key === "Tab" && !event.shiftKey) complete(event, text, channel);
    } });
  const grow = () => { text.style.height = "auto"; text.style.height = `${Math.min(text.scrollHeight, 200)}px`; };
  const picker = h("input", { type: "file", multiple: true, hidden: true, onchange: async () => {
    for (const one of picker.files) files.push({ name: one.name, size: one.size, content: await base64(one) });
    picker.value = "";
    showFiles();
  } });
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (!text.value.trim() && !files.length) return;
    const words = text.value;
    const said = await send(channel, thread, words, files);
    if (!said) return;
    text.value = "";
    drafts.delete(key);
    files.length = 0;
    showFiles();
    grow();
    if (said.ts && !thread && channel.kind !== "im" && words.includes(`@${bot}`)) openThread(said.ts);
    else text.focus();
  };
  form.replaceChildren(text, attached, h("div", { class: "tools" },
    h("button", { type: "button", class: "plain", onclick: () => picker.click() }, "+ File"), picker,
    channel.kind !== "im" && h("button", { type: "button", class: "plain", onclick: () => { text.setRangeText(`@${bot} `, text.selectionStart, text.selectionEnd, "end"); text.focus(); drafts.set(key, text.value); } }, `@${bot}`),
    !channel.heard && h("button", { type: "button", class: "plain", onclick: () => act("invite", { channel: channel.id }) }, `Invite @${bot}`),
    h("span", { class: "small hint" }, "Enter sends · Shift+Enter for a new line"),
    h("button", { class: "button primary", type: "submit" }, "Send")));
  text.value = drafts.get(key) || "";
  grow();
}

// Tab after @ and the first letters of a name writes the rest of it.
function complete(event, text, channel) {
  const before = text.value.slice(0, text.selectionStart);
  const started = before.match(/@([\w.-]+)$/)?.[1];
  const found = started && channel.members.map((id) => state.users[id].name).find((one) => one.startsWith(started) && one !== started);
  if (!found) return;
  event.preventDefault();
  text.setRangeText(`${found.slice(started.length)} `, text.selectionStart, text.selectionEnd, "end");
}

function base64(blob) {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.split(",")[1] || "");
    reader.onerror = () => fail(reader.error);
    reader.readAsDataURL(blob);
  });
}

async function send(channel, thread, text, files) {
  if (text.startsWith("/copilot ") && !files.length) return act("command", { channel: channel.id, text: text.slice(9) });
  return act("say", { channel: channel.id, text, thread_ts: thread, files: files.map(({ name, content }) => ({ name, content })) });
}

function openThread(ts) {
  go({ thread: ts });
  show();
  $("reply")?.focus();
}

function openChannel(channel) {
  go({ channel: channel.id, thread: "" });
  toggleMenu(false);
  show();
  $("write")?.focus();
  if (channel.kind === "im") act("open", {});
}

function confirm(asked) {
  const dialog = $("confirm");
  return new Promise((done) => {
    const answer = (yes) => { dialog.close(); done(yes); };
    dialog.oncancel = () => done(false);
    dialog.replaceChildren(h("h2", { id: "confirm-title" }, asked.title.text), h("p", {}, asked.text.type === "mrkdwn" ? mrkdwn(asked.text.text, names) : emoji(asked.text.text)),
      h("div", { class: "actions end" }, h("button", { class: "button", onclick: () => answer(false) }, asked.deny.text),
        h("button", { class: `button ${asked.style || "primary"}`, onclick: () => answer(true) }, asked.confirm.text)));
    dialog.showModal();
  });
}

function showModal() {
  const dialog = $("modal");
  const view = state.modals.at(-1);
  if (!view) return dialog.open && dialog.close();
  const is = JSON.stringify([view, at.who]);
  if (dialog.open && dialog.dataset.is === is) return;
  dialog.dataset.is = is;
  const values = {};
  const keep = (element, value) => { values[element.action_id] = value; };
  const on = { ...using({ channel: "", ts: view.id }), chosen: (element) => values[element.action_id], type: keep, choose: keep,
    press: (element) => act("use", { view: view.id, element: element.at || element.action_id, chosen: values }) };
  const close = () => act("close", { view: view.id });
  dialog.oncancel = (event) => { event.preventDefault(); close(); };
  const submit = async (event) => {
    event.preventDefault();
    const told = await act("submit", { view: view.id, chosen: values });
    for (const spot of dialog.querySelectorAll(".wrong")) spot.textContent = told?.errors?.[spot.dataset.block] || "";
    if (told?.errors?.[""]) say(told.errors[""]);
  };
  dialog.replaceChildren(h("form", { onsubmit: submit }, h("header", {}, h("h2", { id: "modal-title" }, view.title.text), h("button", { type: "button", class: "plain", "aria-label": "Close", onclick: close }, "✕")),
    h("div", { class: "blocks" }, view.blocks.map((one) => blockNode(one, on))),
    h("footer", { class: "actions end" }, h("button", { type: "button", class: "button", onclick: close }, view.close?.text || "Close"), view.submit && h("button", { class: "button primary", type: "submit" }, view.submit.text))));
  if (!dialog.open) dialog.showModal();
  dialog.querySelector(".blocks :is(input, select, textarea, button)")?.focus();
}

function toggleMenu(open) {
  $("app").classList.toggle("menu-open", open);
  $("menu").setAttribute("aria-expanded", String(open));
}

async function start() {
  people = (await ask("/page/people")).people;
  readAddress();
  const teams = Map.groupBy ? Map.groupBy(people, (one) => one.team) : new Map([["", people]]);
  $("who").replaceChildren(...[...teams].map(([team, members]) => h("optgroup", { label: team }, members.map((one) => h("option", { value: one.name }, one.real_name)))));
  $("who").value = at.who;
  $("who").onchange = async () => { go({ who: $("who").value, thread: "" }); await refresh(); go({}); };
  $("close-thread").onclick = () => { go({ thread: "" }); show(); $("write")?.focus(); };
  $("menu").onclick = () => toggleMenu(!$("app").classList.contains("menu-open"));
  $("thread").addEventListener("keydown", (event) => { if (event.key === "Escape") $("close-thread").click(); });
  window.addEventListener("hashchange", async () => { readAddress(); $("who").value = at.who; await refresh(); });
  await refresh();
  go({});
  $("write")?.focus();
  follow();
}

start().catch((error) => say(error.message));
