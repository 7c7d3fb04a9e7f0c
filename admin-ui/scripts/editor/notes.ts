// Notes above the text: what stands in the way, and the ways on.
import { $, el, icon } from '../dom';

/** Puts notes by name; a second one of a name takes the place of the first. */
export function notes(form: HTMLFormElement) {
  const find = (name: string) => $(`[data-note="${name}"]`, form);
  const drop = (name: string) => find(name)?.remove();
  const put = (name: string, symbol: string, what: string, more: string, ...acts: HTMLElement[]) => {
    drop(name);
    const words = el('span', { class: 'grow' }, el('b', { class: 'm' }, what), more ? ` ${more}` : '');
    $('.sheet', form)?.prepend(el('div', { class: 'note warn', role: 'alert', 'data-note': name }, icon(symbol), words, el('span', { class: 'row wrap' }, ...acts)));
  };
  return { put, drop };
}
