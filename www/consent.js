// Asks whether this visit may be measured, keeps the answer, and passes it to touchmark.
// The banner shows where the server marks pages with <html data-consent="ask"> (its plan waits
// for consent) or the address has ?consent=ask. Nothing is stored before the visitor answers.
(() => {
  const KEY = 'northside-consent'
  const PURPOSES = ['store', 'attribute', 'identify', 'send']

  // Calls made before touchmark has loaded wait in its queue.
  const touchmark = (...call) => {
    window.touchmark ??= function () { (window.touchmark.q ??= []).push(arguments) }
    window.touchmark(...call)
  }

  // Storage may be forbidden; the answer then holds for this page.
  const recall = () => { try { return localStorage.getItem(KEY) } catch { return null } }
  const keep = (answer) => { try { localStorage.setItem(KEY, answer) } catch {} }

  const pass = (answer) => touchmark('consent', Object.fromEntries(PURPOSES.map((purpose) => [purpose, answer])))

  const show = (answer) => {
    for (const button of document.querySelectorAll('[data-consent][aria-pressed]')) {
      button.setAttribute('aria-pressed', String(button.dataset.consent === answer))
    }
    const state = document.getElementById('consent-state')
    if (state && answer) {
      state.textContent = answer === 'granted' ? 'You allow measurement. Thank you.' : 'Measurement is off.'
    }
  }

  const element = (name, attributes, ...children) => {
    const made = document.createElement(name)
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
    made.append(...children)
    return made
  }

  const ask = () => {
    const more = element('a', { href: '/privacy/' }, 'What we measure')
    document.body.append(element('section', { class: 'consent', id: 'consent', 'aria-labelledby': 'consent-title' },
      element('h2', { id: 'consent-title' }, 'May we measure this visit?'),
      element('p', {}, 'It tells us which notices help people find care. Never what you write to us. ', more),
      element('div', { class: 'actions' },
        element('button', { class: 'button compact', type: 'button', 'data-consent': 'granted' }, 'Allow'),
        element('button', { class: 'button compact', type: 'button', 'data-consent': 'denied' }, 'Don’t allow'))))
    document.body.classList.add('consent-open')
  }

  const answered = recall()
  if (answered) pass(answered)
  show(answered)
  const asks = document.documentElement.dataset.consent === 'ask' || /[?&]consent=ask(&|$)/.test(location.search)
  if (asks && !answered && !document.getElementById('consent-state')) ask()

  document.addEventListener('click', (click) => {
    const answer = click.target.closest?.('button[data-consent]')?.dataset.consent
    if (!answer) return
    keep(answer)
    pass(answer)
    show(answer)
    document.getElementById('consent')?.remove()
    document.body.classList.remove('consent-open')
  })
})()
