import { useState } from 'react';
import { createRoot } from 'react-dom/client';

const App = () => {
  const [values, change] = useState({ name: '', phone: '' });
  const [state, move] = useState<'' | 'wrong' | 'done'>('');
  if (state === 'done') return <p className="done">Thank you</p>;
  return (
    <form
      id="lead"
      noValidate
      onSubmit={async (event) => {
        event.preventDefault();
        if (values.phone.length < 9) return move('wrong');
        await fetch('/api', { method: 'POST', body: JSON.stringify(values) });
        move('done');
      }}
    >
      <input name="name" value={values.name} onChange={(event) => change({ ...values, name: event.target.value })} />
      <input name="phone" aria-invalid={state === 'wrong'} value={values.phone} onChange={(event) => change({ ...values, phone: event.target.value })} />
      {state === 'wrong' && <em>too short</em>}
      <button>Send</button>
    </form>
  );
};

createRoot(document.querySelector('#app')!).render(<App />);
