// Passkeys: asks the server for a challenge, the device for its answer, and sends the answer with the form around the
// button. Loaded by pages that have such a form only.
import { $, $$ } from './dom';

type Json = Record<string, unknown>;

/** URL-safe base64 without padding, as bytes. */
function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

/** Bytes as URL-safe base64 without padding. */
function text(buffer: ArrayBuffer | null): string {
  const plain = Array.from(new Uint8Array(buffer ?? new ArrayBuffer(0)), (b) => String.fromCharCode(b)).join('');
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Options of the server with bytes where the browser wants them. */
function readable(options: Json): CredentialCreationOptions & CredentialRequestOptions {
  const key = options.publicKey as Json;
  key.challenge = bytes(key.challenge as string);
  const user = key.user as Json | undefined;
  if (user) user.id = bytes(user.id as string);
  for (const list of ['excludeCredentials', 'allowCredentials']) {
    for (const named of (key[list] as Json[] | undefined) ?? []) named.id = bytes(named.id as string);
  }
  return options as unknown as CredentialCreationOptions & CredentialRequestOptions;
}

/** The device's answer as the server reads it. */
function answer(credential: PublicKeyCredential): string {
  const { response } = credential;
  const made = response instanceof AuthenticatorAttestationResponse;
  const said = made
    ? { attestationObject: text(response.attestationObject) }
    : response instanceof AuthenticatorAssertionResponse
      ? {
        authenticatorData: text(response.authenticatorData),
        signature: text(response.signature),
        userHandle: response.userHandle ? text(response.userHandle) : null,
      }
      : {};
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: { clientDataJSON: text(response.clientDataJSON), ...said },
    clientExtensionResults: {},
  });
}

class Refused extends Error {}

/** Asks the server for a challenge. */
async function begin(form: HTMLFormElement): Promise<{ ceremony: string; options: Json }> {
  const sent = await fetch(form.dataset.passkey ?? '', { method: 'POST', headers: { accept: 'application/json' } });
  const said = await sent.json() as { ceremony: string; options: Json; code?: string; title?: string };
  if (said.code === 'confirm_needed') {
    location.assign(`/admin/confirm?next=${encodeURIComponent(location.pathname)}`);
    return new Promise(() => {});
  }
  if (!sent.ok) throw new Refused(said.title ?? 'The server did not answer.');
  return said;
}

/** What to say of a failure; nothing where the person just closed the window. */
function words(reason: unknown): string {
  if (reason instanceof Refused) return reason.message;
  const name = reason instanceof DOMException ? reason.name : '';
  if (name === 'AbortError') return '';
  if (name === 'NotAllowedError') return 'Nothing was chosen, or it took too long. Try again, or go on another way.';
  if (name === 'InvalidStateError') return 'This device has a passkey for you here already.';
  return 'This browser could not use a passkey here. Try again, or go on another way.';
}

let waiting: AbortController | null = null;

/** One use, from the challenge to the form that is sent. */
async function use(form: HTMLFormElement, mediation?: CredentialMediationRequirement): Promise<void> {
  waiting?.abort();
  const stop = new AbortController();
  if (mediation) waiting = stop;
  const { ceremony, options } = await begin(form);
  const ready = readable(options);
  const found = 'make' in form.dataset
    ? await navigator.credentials.create({ ...ready, signal: stop.signal })
    : await navigator.credentials.get({ ...ready, signal: stop.signal, ...(mediation ? { mediation } : {}) });
  if (!(found instanceof PublicKeyCredential)) throw new DOMException('', 'NotAllowedError');
  $<HTMLInputElement>('[name=ceremony]', form)!.value = ceremony;
  $<HTMLInputElement>('[name=credential]', form)!.value = answer(found);
  form.submit();
}

/** Offers passkeys in the field of the address, and takes a new challenge before the old one ends. */
async function wait(form: HTMLFormElement): Promise<void> {
  if (!await PublicKeyCredential.isConditionalMediationAvailable?.()) return;
  const ask = (): void => void use(form, 'conditional').catch(() => {});
  ask();
  const again = setInterval(() => { if (waiting && !document.hidden) ask(); }, 240_000);
  addEventListener('pagehide', () => clearInterval(again), { once: true });
}

function offer(form: HTMLFormElement): void {
  const button = $<HTMLButtonElement>('[data-go]', form)!;
  const error = $('[role=alert]', form)!;
  $$('[data-with-passkey]').forEach((e) => { e.hidden = false; });
  $$('.btn.second').forEach((e) => e.classList.remove('primary'));
  const go = async (): Promise<void> => {
    error.hidden = true;
    button.setAttribute('aria-busy', 'true');
    try {
      await use(form);
    } catch (reason) {
      error.textContent = words(reason);
      error.hidden = error.textContent === '';
    } finally {
      button.removeAttribute('aria-busy');
    }
  };
  button.addEventListener('click', () => void go());
  form.addEventListener('submit', (event) => { event.preventDefault(); void go(); });
  if ('waits' in form.dataset) void wait(form);
}

for (const form of $$<HTMLFormElement>('form[data-passkey]')) {
  const here = location.origin === form.dataset.origin;
  if (here && 'PublicKeyCredential' in window) offer(form);
  else form.hidden = true;
  const elsewhere = form.nextElementSibling;
  if (!here && elsewhere instanceof HTMLElement && 'elsewhere' in elsewhere.dataset) elsewhere.hidden = false;
}
$<HTMLFormElement>('form[data-goes-on]')?.requestSubmit();
