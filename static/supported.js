// First in the body and not a module, so that the page is drawn once: the design systems' components wait for these.
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");
