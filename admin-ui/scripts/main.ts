// What script adds to the panel. Every form and list works without it.
import './htmx';
import { bulk } from './bulk';
import { dialogs } from './dialogs';
import { live } from './live';
import { fields } from './fields';
import { keys } from './keys';
import { lists } from './lists';
import { outline } from './outline';
import { palette, remember } from './palette';
import { theme } from './theme';
import { toasts } from './toasts';
import { uploads } from './uploads';

document.documentElement.classList.add('js');
for (const start of [theme, dialogs, toasts, fields, palette, keys, bulk, uploads, live, outline, lists, remember]) start();
