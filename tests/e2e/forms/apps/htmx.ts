import htmx from 'htmx.org';

htmx.config.responseHandling = [{ code: '[23]..', swap: true }, { code: '422', swap: true }];
document.querySelector('#app')!.innerHTML = '<form id="lead" hx-post="/hx" hx-target="#answer" novalidate><input name="name"><input name="phone"><button>Send</button></form><div id="answer"></div>';
htmx.process(document.body);
