import { mount } from 'svelte';
import Lead from './Lead.svelte';

mount(Lead, { target: document.querySelector('#app')! });
