// The terminal: xterm.js on the page's socket. Loaded only there.
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { $ } from './dom';

/** xterm.js makes style elements of its own: they carry the page's nonce, or the policy refuses them. */
function stampStyles(nonce: string): void {
  const make = document.createElement.bind(document);
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const node = make(name, options);
    if (name.toLowerCase() === 'style') node.setAttribute('nonce', nonce);
    return node;
  }) as typeof document.createElement;
}

/** A colour of the page, as xterm.js reads it. */
function colour(name: string): string {
  const probe = document.createElement('span');
  probe.className = `shell-${name}`;
  document.body.append(probe);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const brush = canvas.getContext('2d');
  if (!brush) return '#000000';
  brush.fillStyle = getComputedStyle(probe).color;
  brush.fillRect(0, 0, 1, 1);
  probe.remove();
  return `#${[...brush.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((n) => n.toString(16).padStart(2, '0')).join('')}`;
}

function open(box: HTMLElement): void {
  const script = $<HTMLScriptElement>('script[nonce]');
  stampStyles(script?.nonce ?? '');
  const theme = { background: colour('back'), foreground: colour('text'), cursor: colour('text'), selectionBackground: colour('mark') };
  const terminal = new Terminal({ theme, fontFamily: getComputedStyle(box).fontFamily, fontSize: 13, cursorBlink: false, scrollback: 5000, screenReaderMode: true, minimumContrastRatio: 4.5 });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(box);
  const url = new URL(box.dataset.socket ?? '', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  const socket = new WebSocket(url, ['freehold.terminal', `ticket.${box.dataset.ticket}`]);
  // It is good once; nobody finds it in the page afterwards.
  delete box.dataset.ticket;
  socket.binaryType = 'arraybuffer';
  const tell = (words: string, tone: string) => {
    const [state, dot] = [$('[data-terminal-state]'), $('[data-terminal-dot]')];
    if (state) state.textContent = words;
    if (dot) dot.className = `dot ${tone}`;
  };
  const size = () => {
    fit.fit();
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ columns: terminal.cols, rows: terminal.rows }));
  };
  socket.addEventListener('open', () => { tell('Connected', 'good'); size(); terminal.focus(); });
  socket.addEventListener('message', (event) => terminal.write(new Uint8Array(event.data as ArrayBuffer)));
  socket.addEventListener('close', (event) => {
    tell(event.reason ? `Closed: ${event.reason}` : 'Closed', 'warn');
    terminal.options.disableStdin = true;
  });
  const words = new TextEncoder();
  const PIECE = 32 * 1024;
  const send = (bytes: Uint8Array<ArrayBuffer>) => {
    for (let at = 0; at < bytes.length && socket.readyState === WebSocket.OPEN; at += PIECE) socket.send(bytes.slice(at, at + PIECE));
  };
  terminal.onData((text) => send(words.encode(text)));
  terminal.onBinary((text) => send(Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 255)));
  new ResizeObserver(size).observe(box);
  addEventListener('pagehide', () => socket.close());
}

const box = $('[data-terminal]');
if (box) open(box);
