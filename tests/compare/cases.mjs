// Forms as pages have them: what each does, and how many leads it is.
//
// `html` is the page's body, `act` what the visitor does there (an expression), `leads` how many
// leads the site itself counts. `/api/lead` takes a form or JSON; `{"refuse": true}` is answered 422.

const FIELDS = '<input name="name" value="Ingrid Testperson"><input name="phone" value="+1 312 555 0177"><button type="submit">Send</button>';
const form = (attributes = '', fields = FIELDS) => `<form id="lead" method="post" action="/api/lead" ${attributes}>${fields}</form>`;
const script = (code) => `<script>${code}</script>`;
const CLICK = "document.querySelector('#lead [type=submit]').click()";
const post = (refuse = false) => `fetch('/api/lead', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '${JSON.stringify({ refuse })}' })`;
const ajax = (refuse, then = "document.body.append(Object.assign(document.createElement('p'), { className: 'ok', textContent: 'Thank you' }))") =>
  script(`lead.addEventListener('submit', async (event) => { event.preventDefault(); const answer = await ${post(refuse)}; if (answer.ok) { ${then} } else { const told = document.createElement('p'); told.className = 'error'; told.textContent = 'No'; document.body.append(told); } })`);

export const CASES = [
  { id: 'native', what: 'sent by the browser', html: form(), act: CLICK, leads: 1 },
  { id: 'ajax', what: 'sent by a request, accepted', html: form() + ajax(), act: CLICK, leads: 1 },
  { id: 'refused', what: 'sent by a request, refused (422)', html: form() + ajax(true), act: CLICK, leads: 0 },
  { id: 'blocked', what: 'stopped by the page’s own check', html: form() + script("lead.addEventListener('submit', (event) => event.preventDefault())"), act: CLICK, leads: 0 },
  { id: 'double', what: 'a double click, sent once', html: form() + script(`let busy = false; lead.addEventListener('submit', async (event) => { event.preventDefault(); if (busy) return; busy = true; await ${post()}; const told = document.createElement('p'); told.className = 'ok'; told.textContent = 'Thank you'; document.body.append(told); })`), act: `${CLICK}; ${CLICK}`, leads: 1 },
  { id: 'request-submit', what: 'checked first, then requestSubmit()', html: form() + script("let checked = false; lead.addEventListener('submit', (event) => { if (checked) return; event.preventDefault(); setTimeout(() => { checked = true; lead.requestSubmit(); }, 50); })"), act: CLICK, leads: 1 },
  { id: 'form-submit', what: 'form.submit() by the page’s code', html: form() + script("lead.addEventListener('submit', (event) => { event.preventDefault(); setTimeout(() => lead.submit(), 20); })"), act: CLICK, leads: 1 },
  { id: 'stop-propagation', what: 'propagation stopped by the form’s handler', html: form() + script(`lead.addEventListener('submit', async (event) => { event.stopPropagation(); event.preventDefault(); await ${post()}; const told = document.createElement('p'); told.className = 'ok'; told.textContent = 'Thank you'; document.body.append(told); })`), act: CLICK, leads: 1 },
  { id: 'shadow', what: 'inside an open shadow root', html: `<div id="host"></div>${script(`const root = host.attachShadow({ mode: 'open' }); root.innerHTML = ${JSON.stringify(form())};`)}`, act: "host.shadowRoot.querySelector('[type=submit]').click()", leads: 1 },
  { id: 'late', what: 'inserted two seconds after load', html: script(`setTimeout(() => { document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(form())}); document.body.dataset.late = 1; }, 2000)`), act: `new Promise((done) => { const look = () => document.body.dataset.late ? done(${CLICK}) : setTimeout(look, 50); look(); })`, leads: 1 },
  { id: 'redirect', what: 'the callback leaves the page', html: form() + ajax(false, "location = '/thanks.html'"), act: CLICK, leads: 1 },
  { id: 'removed', what: 'the callback removes the form', html: form() + ajax(false, "lead.remove(); document.body.append(Object.assign(document.createElement('p'), { className: 'ok', textContent: 'Thank you' }))"), act: CLICK, leads: 1 },
  { id: 'names', what: 'controls named id, action, submit', html: form('', '<input name="id" value="1"><input name="action" value="x"><input name="phone" value="+1 312 555 0177"><button type="submit" name="submit">Send</button>'), act: CLICK, leads: 1 },
];
