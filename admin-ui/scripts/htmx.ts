// htmx with its CSP extension: the one Trusted Types policy of the panel ("htmx"), and attributes
// work only on elements that carry the page's nonce. Lists mark their links; see admin-ui/README.md.
import 'htmx.org/dist/htmx.esm.js';
// The extension has no types; it registers itself with window.htmx.
import 'htmx.org/dist/ext/hx-csp.js';
