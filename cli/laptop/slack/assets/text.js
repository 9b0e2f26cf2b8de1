// Text as Slack shows it. Everything becomes nodes, never markup: what came from outside cannot become a part of the page.

export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node && typeof value !== "string") node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
  return node;
}

const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", hourglass: "⌛", hourglass_flowing_sand: "⏳",
  eyes: "👀", rocket: "🚀", lock: "🔒", information_source: "ℹ️", no_entry: "⛔", no_entry_sign: "🚫", bell: "🔔",
  red_circle: "🔴", large_green_circle: "🟢", large_yellow_circle: "🟡", large_blue_circle: "🔵", white_circle: "⚪",
  arrows_counterclockwise: "🔄", snowflake: "❄️", tada: "🎉", wave: "👋", thumbsup: "👍", "+1": "👍", clock3: "🕒",
  leftwards_arrow_with_hook: "↩️", grey_question: "❔", question: "❓", double_vertical_bar: "⏸️", black_square_for_stop: "⏹️",
  ballot_box_with_check: "☑️", white_large_square: "⬜", heavy_minus_sign: "➖", pause_button: "⏸️", repeat: "🔁",
};

export const emoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);

const unescape = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

export function link(url, label) {
  const good = /^(https?|mailto):/i.test(url);
  const words = label || url;
  return good ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, words) : document.createTextNode(words);
}

function reference(inside, names) {
  const [what, label] = inside.split("|");
  if (what.startsWith("@")) return h("span", { class: "mention" }, `@${names.user(what.slice(1))}`);
  if (what.startsWith("#")) return h("span", { class: "mention" }, `#${names.channel(what.slice(1)) || label || "private"}`);
  if (what.startsWith("!date")) return document.createTextNode(unescape(label || ""));
  if (what.startsWith("!")) return h("span", { class: "mention" }, `@${what.slice(1).split("^")[0]}`);
  return link(unescape(what), label && unescape(label));
}

const SPANS = /(<[^<>\n]+>)|(`[^`\n]+`)|(?<![\w*])\*([^*\n]+)\*(?![\w*])|(?<![\w_])_([^_\n]+)_(?![\w_])|(?<![\w~])~([^~\n]+)~(?![\w~])/g;

function spans(text, names) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(SPANS)) {
    nodes.push(emoji(unescape(text.slice(at, found.index))));
    const [whole, referred, code, bold, italic, struck] = found;
    if (referred) nodes.push(reference(referred.slice(1, -1), names));
    else if (code) nodes.push(h("code", {}, unescape(code.slice(1, -1))));
    else if (bold) nodes.push(h("strong", {}, spans(bold, names)));
    else if (italic) nodes.push(h("em", {}, spans(italic, names)));
    else nodes.push(h("s", {}, spans(struck, names)));
    at = found.index + whole.length;
  }
  nodes.push(emoji(unescape(text.slice(at))));
  return nodes;
}

// Slack's own mrkdwn.
export function mrkdwn(text, names) {
  return text.split(/```\n?([\s\S]*?)\n?```/).map((part, number) => {
    if (number % 2) return h("pre", {}, unescape(part));
    if (!part) return null;
    const lines = part.split("\n");
    const nodes = [];
    let quoted = [];
    const quote = () => { if (quoted.length) nodes.push(h("blockquote", {}, quoted)); quoted = []; };
    lines.forEach((line, count) => {
      const end = count < lines.length - 1 ? ["\n"] : [];
      const marked = line.match(/^(?:&gt;|>)\s?(.*)$/);
      if (marked) return quoted.push(h("div", {}, spans(marked[1], names)));
      quote();
      nodes.push(...spans(line, names), ...end);
    });
    quote();
    return h("span", { class: "text" }, nodes);
  });
}

export function textObject(text, names) {
  if (!text) return null;
  return text.type === "mrkdwn" ? mrkdwn(text.text, names) : h("span", { class: "text" }, emoji(text.text));
}

const INLINE = /(`[^`\n]+`)|\*\*([^*\n]+)\*\*|(?<!\w)[*_]([^*_\n]+)[*_](?!\w)|~~([^~\n]+)~~|\[([^\]\n]+)\]\(([^)\s]+)\)/g;

function inline(text) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(INLINE)) {
    nodes.push(emoji(text.slice(at, found.index)));
    const [whole, code, bold, italic, struck, label, url] = found;
    if (code) nodes.push(h("code", {}, code.slice(1, -1)));
    else if (bold) nodes.push(h("strong", {}, inline(bold)));
    else if (italic) nodes.push(h("em", {}, inline(italic)));
    else if (struck) nodes.push(h("s", {}, inline(struck)));
    else nodes.push(link(url, label));
    at = found.index + whole.length;
  }
  nodes.push(emoji(text.slice(at)));
  return nodes;
}

const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((one) => one.trim());

// Standard Markdown, as in the markdown block and in what is streamed.
export function markdown(text) {
  const lines = text.split("\n");
  const nodes = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at];
    const take = (fits) => { const found = []; while (at < lines.length && fits(lines[at])) found.push(lines[at++]); return found; };
    if (!line.trim()) at += 1;
    else if (line.startsWith("```")) {
      at += 1;
      const code = take((one) => !one.startsWith("```"));
      at += 1;
      nodes.push(h("pre", {}, code.join("\n")));
    } else if (/^#{1,6} /.test(line)) {
      nodes.push(h("h4", {}, inline(line.replace(/^#+ /, ""))));
      at += 1;
    } else if (/^\s*[-*+] /.test(line)) {
      nodes.push(h("ul", {}, take((one) => /^\s*[-*+] /.test(one)).map((one) => h("li", {}, inline(one.replace(/^\s*[-*+] /, ""))))));
    } else if (/^\s*\d+[.)] /.test(line)) {
      nodes.push(h("ol", {}, take((one) => /^\s*\d+[.)] /.test(one)).map((one) => h("li", {}, inline(one.replace(/^\s*\d+[.)] /, ""))))));
    } else if (line.startsWith(">")) {
      nodes.push(h("blockquote", {}, take((one) => one.startsWith(">")).map((one) => h("div", {}, inline(one.slice(1).trim())))));
    } else if (line.includes("|") && /^[\s|:-]+$/.test(lines[at + 1] ?? "x")) {
      const [head, , ...rows] = take((one) => one.includes("|"));
      nodes.push(h("div", { class: "scroll" }, h("table", {},
        h("thead", {}, h("tr", {}, cells(head).map((one) => h("th", { scope: "col" }, inline(one))))),
        h("tbody", {}, rows.map((row) => h("tr", {}, cells(row).map((one) => h("td", {}, inline(one)))))))));
    } else {
      const block = take((one) => one.trim() && !/^(```|#{1,6} |\s*[-*+] |\s*\d+[.)] |>)/.test(one));
      nodes.push(h("p", {}, block.flatMap((one, number) => [number ? "\n" : "", ...inline(one)])));
    }
  }
  return h("div", { class: "markdown" }, nodes);
}

const WRAPS = { bold: "strong", italic: "em", strike: "s", code: "code" };

function piece(one, names) {
  let node;
  if (one.type === "link") node = link(one.url, one.text);
  else if (one.type === "user") node = h("span", { class: "mention" }, `@${names.user(one.user_id)}`);
  else if (one.type === "channel") node = h("span", { class: "mention" }, `#${names.channel(one.channel_id) || "private"}`);
  else if (one.type === "broadcast") node = h("span", { class: "mention" }, `@${one.range}`);
  else if (one.type === "emoji") node = document.createTextNode(emoji(`:${one.name}:`));
  else if (one.type === "date") node = document.createTextNode(one.fallback || new Date(one.timestamp * 1000).toLocaleString());
  else node = document.createTextNode(one.text ?? "");
  for (const [style, tag] of Object.entries(WRAPS)) if (one.style?.[style]) node = h(tag, {}, node);
  return node;
}

export function richText(block, names) {
  return h("div", { class: "rich" }, (block.elements || []).map((part) => {
    const inside = () => part.elements.map((one) => piece(one, names));
    if (part.type === "rich_text_preformatted") return h("pre", { tabindex: "0" }, inside());
    if (part.type === "rich_text_quote") return h("blockquote", {}, inside());
    if (part.type === "rich_text_list") {
      const items = part.elements.map((item) => h("li", {}, item.elements.map((one) => piece(one, names))));
      return h(part.style === "ordered" ? "ol" : "ul", { class: `indent-${part.indent || 0}` }, items);
    }
    return h("div", { class: "text" }, inside());
  }));
}
