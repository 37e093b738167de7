"use strict";
const facts = JSON.parse(document.getElementById("facts").textContent);
const byId = (id) => document.getElementById(id);
const drop = byId("drop"), input = byId("file"), result = byId("result");
let language = (navigator.language || "en").toLowerCase().startsWith("fr") ? "fr" : "en";
let file = null;      // the file last given, to check it again when a choice or the language changes
let content = null;   // as it was then: a file that is saved anew meanwhile can no longer be read
let asking = 0;       // only the newest answer is shown
let link = null;      // the address of the marked workbook in memory

const said = (key, gaps = {}) =>
  facts.texts[language][key].replace(/\{(\w+)\}/g, (_, gap) => gaps[gap] ?? "");

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function choices(id, options) {
  const select = byId(id), chosen = select.value;
  select.replaceChildren(new Option(said("as_file_says"), ""), ...options.map(([value, text]) => new Option(text, value)));
  select.value = chosen;
}

function speak() {
  document.documentElement.lang = language;
  document.title = `${said("title")} – A4P+`;
  for (const place of document.querySelectorAll("[data-text]")) {
    place.textContent = said(place.dataset.text, { megabytes: facts.megabytes });
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  choices("source", Object.entries(facts.sources[language]));
  choices("mission", facts.missions.map((mission) => [mission, mission]));
  choices("cycle", facts.cycles.map((cycle) => [cycle, cycle]));
}

function show(...content) {
  result.replaceChildren(...content);
  result.hidden = false;
}

function verdict(kind, heading, name, details = []) {
  const box = element("div", `verdict ${kind}`);
  if (name) box.append(element("p", "file", name));
  box.append(element("h2", "", heading), ...details.map((detail) => element("p", "", detail)));
  return box;
}

function fetchable(answer) {
  const bytes = Uint8Array.from(atob(answer.workbook), (letter) => letter.charCodeAt(0));
  if (link) URL.revokeObjectURL(link);
  link = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const line = element("p", "fetch"), anchor = element("a", "button");
  anchor.id = "fetch";
  anchor.textContent = answer.marked ? said("download") : said("download_list");
  anchor.href = link;
  anchor.download = answer.workbook_name;
  line.append(anchor);
  if (answer.marked) line.append(element("span", "", said("downloaded")));
  return line;
}

function group(one) {
  const section = element("section", `group ${one.severity}`), heading = element("h3"), list = element("ul");
  heading.append(element("span", "count", one.count), element("span", "", one.heading), element("small", "", one.means));
  for (const finding of one.findings) {
    const item = element("li"), where = element("p", "where");
    const beyond = finding.more ? [finding.more] : [];
    where.append(
      ...finding.where.map((place) => element("span", "", place)),
      ...beyond.map((more) => element("span", "more", more)),
    );
    item.append(element("p", "message", finding.message), element("p", "remedy", finding.remedy), where);
    list.append(item);
  }
  section.append(heading, list);
  return section;
}

async function check() {
  if (!file) return;
  const mine = ++asking, busy = element("div", "busy");
  busy.append(element("i"), element("span", "", said("checking", { file: file.name })));
  show(busy);
  if (file.size > facts.megabytes * 1024 * 1024) {
    show(verdict("error", said("too_large", { megabytes: facts.megabytes }), file.name));
    return;
  }
  const query = new URLSearchParams({ language });
  for (const id of ["source", "mission", "cycle"]) if (byId(id).value) query.set(id, byId(id).value);
  let answer;
  try {
    content ??= await file.arrayBuffer();
    const response = await fetch(`/check?${query}`, {
      method: "POST",
      headers: { "X-File-Name": encodeURIComponent(file.name), "Content-Type": "application/octet-stream" },
      body: content,
    });
    answer = await response.json();
  } catch {
    answer = { error: said("gone") };
  }
  if (mine !== asking) return;
  if (answer.error) {
    if (answer.choose) byId("choices").open = true;
    show(verdict("error", answer.error, file.name));
  } else {
    const box = verdict(answer.verdict, answer.sentence, answer.file, answer.details);
    if (answer.groups.length) box.append(fetchable(answer));
    show(box, ...answer.groups.map(group));
  }
  result.focus({ preventScroll: true });
  result.scrollIntoView({ block: "nearest" });
}

function given(files) {
  if (!files.length) return;
  if (files.length > 1) {
    file = content = null;
    asking += 1;
    show(verdict("error", said("one_file")));
    return;
  }
  file = files[0];
  content = null;
  check();
}

input.addEventListener("change", () => {
  given([...input.files]);
  input.value = "";   // so that the same file can be chosen again once it is mended
});
// a file dropped beside the box must not replace the page
for (const event of ["dragover", "drop"]) window.addEventListener(event, (dragged) => dragged.preventDefault());
drop.addEventListener("dragover", () => drop.classList.add("over"));
for (const event of ["dragleave", "drop"]) drop.addEventListener(event, () => drop.classList.remove("over"));
window.addEventListener("drop", (dropped) => given([...dropped.dataTransfer.files]));
for (const id of ["source", "mission", "cycle"]) byId(id).addEventListener("change", check);
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => { language = button.dataset.language; speak(); check(); });
}
speak();
