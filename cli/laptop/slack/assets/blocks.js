// Block Kit: each block as what Slack makes of it. `on` says what happens when something in it is used.
import { emoji, h, link, markdown, mrkdwn, richText, textObject } from "./text.js";

const MARKS = { pending: "○", in_progress: "", complete: "✓", error: "✕" };
const STATES = { pending: "to come", in_progress: "under way", complete: "done", error: "failed" };

function task(one, on) {
  const more = [one.details && richText(one.details, on.names), one.output && richText(one.output, on.names)].filter(Boolean);
  const sources = (one.sources || []).map((source) => link(source.url, source.text));
  return h("li", { class: `task ${one.status}` },
    h("span", { class: "mark", role: "img", "aria-label": STATES[one.status] || one.status }, MARKS[one.status] ?? "○"),
    h("div", {}, h("span", { class: "task-title" }, one.title),
      more.length > 0 && h("div", { class: "task-more" }, more),
      sources.length > 0 && h("div", { class: "sources" }, sources)));
}

// A plan whose stream has ended under it looks as if it had failed.
function plan(block, on) {
  const left = on.ended && (block.tasks || []).some((one) => one.status === "in_progress" || one.status === "pending");
  const tasks = (block.tasks || []).map((one) => (left && one.status === "in_progress" ? { ...one, status: "error" } : one));
  const over = tasks.filter((one) => one.status === "complete" || one.status === "error").length;
  return h("section", { class: `plan${left ? " ended" : ""}`, "aria-label": block.title },
    h("div", { class: "plan-title" }, h("strong", {}, left && h("span", { role: "img", "aria-label": "failed" }, "⚠ "), block.title), tasks.length > 0 && h("span", { class: "small" }, `${over} of ${tasks.length}`)),
    h("ul", {}, tasks.map((one) => task(one, on))));
}

function table(block, on) {
  const align = (number) => `align-${block.column_settings?.[number]?.align || "left"}`;
  const cell = (one) => (one.type === "rich_text" ? richText(one, on.names) : one.text);
  const [head, ...rows] = block.rows;
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", {},
    h("thead", {}, h("tr", {}, head.map((one, number) => h("th", { scope: "col", class: align(number) }, cell(one))))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((one, number) => h("td", { class: align(number) }, cell(one))))))));
}

function image(one, on) {
  const source = one.slack_file?.id ? on.file(one.slack_file.id) : one.image_url;
  if (source && (source.startsWith("/") || source.startsWith(location.origin))) return h("img", { src: source, alt: one.alt_text });
  return source ? link(source, one.alt_text) : h("span", {}, one.alt_text);
}

function optionLabel(one, on) {
  return [h("span", {}, textObject(one.text, on.names)), one.description && h("span", { class: "small" }, textObject(one.description, on.names))];
}

function ticks(element, on, many) {
  const options = [...(element.options || []), ...(element.option_groups || []).flatMap((group) => group.options)];
  const initial = element.initial_options || (element.initial_option ? [element.initial_option] : []);
  const chosen = new Set(on.chosen(element) ?? initial.map((one) => one.value));
  const name = `${on.key}-${element.action_id}`;
  return h("div", { class: "ticks", role: many ? "group" : "radiogroup", "aria-label": element.placeholder?.text || "Choices" },
    options.map((one) => h("label", {}, h("input", {
      type: many ? "checkbox" : "radio", name, value: one.value, checked: chosen.has(one.value),
      onchange: (event) => {
        if (!many) chosen.clear();
        if (event.target.checked) chosen.add(one.value); else chosen.delete(one.value);
        on.choose(element, options.map((each) => each.value).filter((value) => chosen.has(value)));
      },
    }), h("span", { class: "option" }, optionLabel(one, on)))));
}

function menu(element, on) {
  const chosen = on.chosen(element) ?? (element.initial_option ? [element.initial_option.value] : []);
  const options = (list) => list.map((one) => h("option", { value: one.value, selected: chosen.includes(one.value) }, emoji(one.text.text)));
  return h("select", { "aria-label": element.placeholder?.text || "Choose", onchange: (event) => on.choose(element, [event.target.value]) },
    h("option", { value: "", disabled: true, selected: !chosen.length }, element.placeholder?.text || "Choose"),
    element.options ? options(element.options) : element.option_groups.map((group) => h("optgroup", { label: group.label.text }, options(group.options))));
}

function button(element, on) {
  const node = h(element.url ? "a" : "button", {
    class: `button ${element.style || ""}`, type: element.url ? undefined : "button", href: element.url,
    target: element.url && "_blank", rel: element.url && "noopener noreferrer",
    "aria-label": element.accessibility_label,
    onclick: async () => {
      if (element.confirm && !(await on.confirm(element.confirm))) return;
      node.setAttribute("aria-busy", "true");
      setTimeout(() => node.removeAttribute("aria-busy"), 1500);
      on.press(element);
    },
  }, emoji(element.text.text));
  return node;
}

function typed(element, on) {
  const tag = element.multiline ? "textarea" : "input";
  const now = on.chosen(element) ?? element.initial_value ?? "";
  return h(tag, {
    placeholder: element.placeholder?.text, value: now, maxlength: element.max_length && String(element.max_length), rows: element.multiline && "4",
    oninput: (event) => on.type(element, event.target.value),
  }, element.multiline ? now : null);
}

export function elementNode(element, on) {
  switch (element.type) {
    case "button": return button(element, on);
    case "checkboxes": return ticks(element, on, true);
    case "radio_buttons": return ticks(element, on, false);
    case "multi_static_select": {
      const count = (on.chosen(element) ?? element.initial_options ?? []).length;
      return h("details", { class: "many", open: on.opened?.has(element.action_id), ontoggle: (event) => on.toggled?.(element, event.target.open) },
        h("summary", {}, element.placeholder?.text || "Choose", count > 0 && h("span", { class: "count" }, String(count))), ticks(element, on, true));
    }
    case "static_select": return menu(element, on);
    case "overflow": return h("details", { class: "many" }, h("summary", { "aria-label": "More" }, "⋯"),
      element.options.map((one) => h("button", { type: "button", class: "plain", onclick: () => on.choose(element, [one.value]) }, optionLabel(one, on))));
    case "datepicker": return h("input", { type: "date", value: on.chosen(element) ?? element.initial_date ?? "", onchange: (event) => on.choose(element, event.target.value) });
    case "users_select": return h("select", { "aria-label": element.placeholder?.text || "Person", onchange: (event) => on.choose(element, event.target.value) },
      on.people.map((one) => h("option", { value: one.id, selected: one.id === (on.chosen(element) ?? element.initial_user) }, one.real_name)));
    case "plain_text_input": return typed(element, on);
    case "image": return image(element, on);
    case "mrkdwn": return mrkdwn(element.text, on.names);
    case "plain_text": return h("span", {}, emoji(element.text));
    default: return h("span", { class: "small" }, `(${element.type})`);
  }
}

// Several blocks may have an element of the same action.
const within = (block, one) => ({ ...one, at: `${block.block_id}/${one.action_id}` });

export function blockNode(block, on) {
  switch (block.type) {
    case "header": return h("h3", { class: "head" }, emoji(block.text.text));
    case "divider": return h("hr");
    case "section": return h("div", { class: "section" },
      h("div", { class: "section-text" }, textObject(block.text, on.names),
        block.fields && h("div", { class: "fields" }, block.fields.map((one) => h("div", {}, textObject(one, on.names))))),
      block.accessory && h("div", { class: "accessory" }, elementNode(within(block, block.accessory), on)));
    case "context": return h("div", { class: "context" }, block.elements.map((one) => h("span", {}, elementNode(one, on))));
    case "actions": return h("div", { class: "actions" }, block.elements.map((one) => elementNode(within(block, one), on)));
    case "markdown": return markdown(block.text);
    case "rich_text": return richText(block, on.names);
    case "table": return table(block, on);
    case "plan": return plan(block, on);
    case "task_card": return h("ul", { class: "plan lone" }, task(block, on));
    case "alert": return h("div", { class: `alert ${block.level || "default"}`, role: "note" }, textObject(block.text, on.names));
    case "image": return h("figure", {}, image(block, on), block.title && h("figcaption", {}, block.title.text));
    case "input": return h("label", { class: "input" }, h("span", {}, block.label.text, block.optional && h("span", { class: "small" }, " (optional)")),
      elementNode(block.element, on), block.hint && h("span", { class: "small" }, block.hint.text), h("span", { class: "wrong", "data-block": block.block_id, role: "alert" }));
    default: return h("p", { class: "small" }, `(${block.type})`);
  }
}
