// Everything here only improves pages that work without it. No inline handlers, no eval, nothing kept in the browser.
// Addresses of the other scripts and all words come from the script tag in base.html.
const app = document.getElementById("app").dataset;
const say = (words, values) => words.replace(/%(\w+)%/g, (_all, name) => values[name]);
let govuk;
let moj;

// -- components -------------------------------------------------------------------------------------------------------
function enhance(scope) {
  if (!moj) return; // The whole body is done once the scripts are here.
  // Both look below the scope only, and a part's root may itself be a component.
  const root = scope.matches?.("[data-module]") ? scope.parentElement : scope;
  const quiet = (error) => error.name === "InitError" || console.error(error);
  govuk.initAll({ scope: root, onError: quiet });
  for (const name of ["AddAnother", "ButtonMenu", "DatePicker"]) {
    govuk.createAll(moj[name], undefined, { scope: root, onError: quiet });
  }
  for (const input of root.querySelectorAll("input[data-people-url]")) suggestPeople(input);
}

// -- names of people ----------------------------------------------------------------------------------------------------
let autocomplete;
async function suggestPeople(input) {
  if (input.dataset.enhanced) return;
  input.dataset.enhanced = "true";
  autocomplete ??= import(app.autocomplete).then(() => window.accessibleAutocomplete);
  const draw = await autocomplete;
  if (!input.isConnected) return;
  const box = document.createElement("div");
  const { id, name, value } = input;
  const search = people(input.dataset.peopleUrl);
  draw({
    element: box,
    id,
    name,
    defaultValue: value,
    minLength: 2,
    source: search,
    templates: { inputValue: (person) => person?.label ?? "", suggestion },
    confirmOnBlur: false,
    // Over what follows, so that closing the list moves no button away from under the pointer.
    displayMenu: "overlay",
    tNoResults: () => (search.pending ? app.peopleSearching : app.peopleNone),
    tStatusNoResults: () => (search.pending ? app.peopleSearching : app.peopleNone),
    tStatusQueryTooShort: (least) => say(app.peopleShort, { least }),
    tStatusResults: (count) => say(app.peopleFound, { count }),
    tStatusSelectedOption: (name, count, index) => say(app.peopleAt, { name, count, place: index + 1 }),
    tAssistiveHint: () => app.peopleHint,
    inputClasses: input.className,
    menuAttributes: { "aria-label": document.querySelector(`label[for="${CSS.escape(id)}"]`)?.textContent.trim() ?? "" },
  });
  const hadFocus = document.activeElement === input;
  const { selectionStart, selectionEnd } = input;
  input.replaceWith(box);
  const drawn = box.querySelector("input");
  search.input = drawn;
  if (hadFocus) {
    drawn.focus();
    // After the component has selected all of it.
    setTimeout(() => drawn.setSelectionRange(selectionStart, selectionEnd));
  }
  if (input.hasAttribute("aria-invalid")) drawn.setAttribute("aria-invalid", "true");
  describe(drawn, input.getAttribute("aria-describedby"));
}

// The suggestions' own hint comes and goes in aria-describedby; the field's hint and error stay.
function describe(input, ids) {
  if (!ids) return;
  const restore = () => {
    const now = input.getAttribute("aria-describedby") ?? "";
    if (!now.startsWith(ids)) input.setAttribute("aria-describedby", `${ids} ${now}`.trim());
  };
  restore();
  new MutationObserver(restore).observe(input, { attributeFilter: ["aria-describedby"] });
}

const suggestion = (person) => {
  const shown = document.createElement("span");
  shown.textContent = typeof person === "string" ? person : [person.label, person.hint].filter(Boolean).join(", ");
  return shown.innerHTML;
};

function people(url) {
  let timer;
  let asked = 0;
  const search = (typed, populate) => {
    clearTimeout(timer);
    const turn = ++asked;
    search.pending = true;
    timer = setTimeout(async () => {
      const address = new URL(url, location.href);
      address.searchParams.set("q", typed);
      const found = await fetch(address, { headers: { Accept: "application/json" } })
        .then((answer) => (answer.ok ? answer.json() : []))
        .catch(() => []);
      if (turn !== asked) return;
      search.pending = false;
      // Whoever has gone on to Save must not find a list between the pointer and the button.
      if (document.activeElement === search.input) populate(found);
    }, 200);
  };
  return search;
}

// -- the number of tasks beside "Home", where it was not counted since the last change: the page does not wait for it ----
for (const slot of document.querySelectorAll("[data-badge]")) {
  fetch(slot.dataset.badge, { headers: { "HX-Request": "true" } })
    .then((answer) => (answer.ok ? answer.text() : ""))
    .then((badge) => (slot.outerHTML = badge))
    .catch(() => {});
}

// -- focus --------------------------------------------------------------------------------------------------------------
function focusIn(scope) {
  const target = find(scope, "[data-focus]") ?? find(scope, "[data-focus-after]");
  target?.focus();
}
const find = (scope, selector) => (scope.matches?.(selector) ? scope : scope.querySelector(selector));

// -- when a request of htmx fails: say so in the element's own error slot, and leave what was typed ------------------------
function slotOf(element) {
  const named = element.closest("[data-error-slot]:not([data-error-slot=''])");
  if (named) return document.querySelector(named.dataset.errorSlot);
  for (let around = element; around; around = around.parentElement) {
    const slot = around.querySelector("[data-error-slot='']");
    if (slot) return slot;
  }
  return null;
}

function show(element, alert) {
  const slot = slotOf(element.isConnected ? element : document.body);
  if (!slot || !alert) return;
  slot.replaceChildren(alert);
  slot.firstElementChild.focus();
}

const words = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

function partOf(xhr) {
  if (!xhr.getResponseHeader("Content-Type")?.startsWith("text/html")) return null;
  const part = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("[data-error-part]");
  return part && document.importNode(part, true);
}

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  slotOf(detail.elt)?.replaceChildren();
  document.getElementById("said")?.replaceChildren();
});
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (renewing.has(detail.elt)) return;
  show(detail.elt, partOf(detail.xhr) ?? words("failed-answer"));
});
for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => show(detail.elt, words("failed-connection")));
}

// -- a token gone stale (signed in again in another tab): take the new one and send the same once more ---------------------
const renewing = new Set();
const renewed = new WeakSet();
document.addEventListener("csrfRenewed", ({ detail }) => {
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = detail.token;
  if (!renewed.has(detail.elt)) renewing.add(detail.elt);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const element = detail.elt;
  if (!renewing.delete(element)) {
    renewed.delete(element);
    return;
  }
  renewed.add(element);
  const cause = detail.requestConfig.triggeringEvent;
  // htmx is not yet done with the request that failed.
  setTimeout(() => {
    if (element instanceof HTMLFormElement) element.requestSubmit(cause?.submitter ?? null);
    else window.htmx.trigger(element, cause?.type ?? "click");
  });
});

// -- forms in rows: one open at a time, but never at the price of something typed -------------------------------------------
const fresh = new WeakMap();
const closing = new WeakSet();
const filled = (form) => JSON.stringify([...new FormData(form)].filter(([, value]) => typeof value === "string"));

function closeOthers(opened) {
  fresh.set(opened, filled(opened));
  for (const form of document.querySelectorAll("[data-row-form]")) {
    const cancel = form.querySelector("[data-row-cancel]");
    if (form === opened || !cancel || fresh.get(form) !== filled(form)) continue;
    closing.add(cancel);
    cancel.click();
  }
}

// -- unsent text: what is typed into a long form is kept on the server until it is sent, and never in the browser ----------
const QUIET = 2000; // How long nobody has typed, and how long at most while somebody goes on typing.
const LONGEST = 8000;
const AGAIN = 15000;
const drafts = new WeakMap();

function draftOf(form) {
  if (!drafts.has(form)) drafts.set(form, { waitingSince: 0, failures: 0 });
  return drafts.get(form);
}

function keepLater(form, wait = QUIET) {
  const draft = draftOf(form);
  draft.waitingSince ||= Date.now();
  clearTimeout(draft.timer);
  draft.timer = setTimeout(() => keep(form), Math.min(wait, Math.max(draft.waitingSince + LONGEST - Date.now(), 0)));
}

function stopKeeping(form) {
  const draft = draftOf(form);
  clearTimeout(draft.timer);
  draft.waitingSince = 0;
  draft.request?.abort();
}

async function keep(form, leaving = false) {
  const draft = draftOf(form);
  if (!form.isConnected || !draft.waitingSince) return;
  stopKeeping(form);
  const request = (draft.request = new AbortController());
  const answer = await fetch(form.dataset.unsent, {
    method: "POST",
    body: typedIn(form),
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    keepalive: leaving,
    signal: request.signal,
  }).catch(() => null);
  if (request.signal.aborted) return;
  draft.failures = answer?.ok ? 0 : draft.failures + 1;
  if (answer?.ok) tell(form, (await answer.json()).at);
  if (draft.failures === 3) tell(form, null);
  if (draft.failures && !draft.waitingSince) {
    draft.timer = setTimeout(() => keep(form), AGAIN);
    draft.waitingSince = Date.now();
  }
}

function typedIn(form) {
  const values = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    const kind = form.querySelector(`[name="${CSS.escape(name)}"]`)?.type;
    if (typeof value === "string" && kind !== "hidden" && kind !== "password") values.append(name, value);
  }
  return values;
}

// Spoken once; afterwards only the time on the screen changes, until it goes wrong.
function tell(form, time) {
  const status = form.querySelector("[data-unsent-status]");
  if (!status) return;
  const said = time === null ? app.unsentFailed : time && say(app.unsentSaved, { time });
  if (time === null) status.removeAttribute("aria-live");
  status.textContent = said;
  if (time) setTimeout(() => status.setAttribute("aria-live", "off"), 1000);
}

for (const event of ["input", "change"]) {
  document.addEventListener(event, ({ target }) => {
    const form = target.closest?.("form[data-unsent]");
    if (form) keepLater(form);
  });
}
document.addEventListener("submit", ({ target }) => target.matches("form[data-unsent]") && stopKeeping(target), true);
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.failed && detail.elt.matches("form[data-unsent]")) keepLater(detail.elt);
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden") return;
  for (const form of document.querySelectorAll("form[data-unsent]")) keep(form, true);
});

// -- begin --------------------------------------------------------------------------------------------------------------
document.addEventListener("htmx:load", ({ detail }) => {
  if (detail.elt && detail.elt !== document.body) enhance(detail.elt);
});
document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
  if (closing.has(detail.requestConfig?.elt)) return; // The person is elsewhere by now.
  focusIn(target);
  const opened = find(target, "[data-row-form]");
  if (opened && !detail.xhr.status.toString().startsWith("4")) closeOthers(opened);
});
focusIn(document.body);
[govuk, moj] = await Promise.all([import(app.govuk), import(app.moj)]);
enhance(document.body);
