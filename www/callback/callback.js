// Sends the call-back form without leaving the page. A press while a request is pending is ignored.
(() => {
  const form = document.getElementById('callback')
  const button = form.querySelector('button')

  const notice = (kind, role, title, text) => {
    const made = document.createElement('div')
    made.className = kind
    made.setAttribute('role', role)
    const strong = document.createElement('strong')
    strong.textContent = title
    made.append(strong, ' ', text)
    return made
  }

  form.addEventListener('submit', async (submit) => {
    submit.preventDefault()
    if (button.getAttribute('aria-busy') === 'true') return
    button.setAttribute('aria-busy', 'true')
    document.querySelector('.form-error')?.remove()
    try {
      const answer = await fetch('/api/callback', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(Object.fromEntries(new FormData(form))),
      })
      if (!answer.ok) {
        const { reason } = await answer.json().catch(() => ({}))
        throw new Error(reason ?? 'Please try again in a moment, or call us.')
      }
      form.hidden = true
      const done = notice('form-success', 'status', 'We’ll call you.', 'Keep your phone close: our number ends in 0142.')
      done.tabIndex = -1
      form.before(done)
      done.focus()
      form.reset()
    } catch (fault) {
      const text = fault instanceof TypeError ? 'You seem to be offline. Please try again, or call us.' : fault.message
      form.prepend(notice('form-error', 'alert', 'That didn’t go through.', text))
    } finally {
      button.removeAttribute('aria-busy')
    }
  })
})()
