// Online booking: one page, four routes, views cloned from templates as the route changes.
(() => {
  const VIEWS = {
    '/app/': ['view-start', 'Book online'],
    '/app/doctors': ['view-doctors', 'Doctors'],
    '/app/book': ['view-book', 'Your details'],
    '/app/booked': ['view-booked', 'You’re booked'],
  }
  const view = document.getElementById('view')

  const render = (moved) => {
    const [template, title] = VIEWS[location.pathname] ?? VIEWS['/app/']
    view.replaceChildren(document.getElementById(template).content.cloneNode(true))
    document.title = `${title} | Northside Clinic`
    for (const link of document.querySelectorAll('.tabs a')) {
      if (link.pathname === location.pathname) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
    const service = new URLSearchParams(location.search).get('service')
    const department = view.querySelector('#department')
    if (department && service) department.value = service
    if (!moved) return
    scrollTo({ top: 0, behavior: 'instant' })
    view.querySelector('h2').focus()
  }

  const go = (address) => {
    history.pushState(null, '', address)
    render(true)
  }

  const refuse = (form, text) => {
    const notice = document.createElement('p')
    notice.className = 'form-error'
    notice.setAttribute('role', 'alert')
    notice.textContent = text
    form.prepend(notice)
  }

  const book = async (form) => {
    const button = form.querySelector('button')
    if (button.getAttribute('aria-busy') === 'true') return
    button.setAttribute('aria-busy', 'true')
    form.querySelector('.form-error')?.remove()
    const entries = [...form.elements]
      .filter((control) => control.name && (control.type !== 'radio' || control.checked))
      .map((control) => [control.name, control.value])
    try {
      const answer = await fetch('/api/booking', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(Object.fromEntries(entries)),
      })
      if (answer.ok) return go('/app/booked')
      const { reason } = await answer.json().catch(() => ({}))
      refuse(form, reason ?? 'Please try again in a moment, or call us.')
    } catch {
      refuse(form, 'You seem to be offline. Please try again, or call us.')
    } finally {
      button.removeAttribute('aria-busy')
    }
  }

  document.addEventListener('click', (click) => {
    const link = click.target.closest?.('a[data-route]')
    if (!link || click.button || click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return
    click.preventDefault()
    go(link.href)
  })
  document.addEventListener('submit', (submit) => {
    if (submit.target.id !== 'booking') return
    submit.preventDefault()
    book(submit.target)
  })
  addEventListener('popstate', () => render(true))
  render(false)
})()
