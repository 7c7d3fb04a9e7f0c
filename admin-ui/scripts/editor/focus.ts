// The caret stands in the text at once. TipTap's own command waits for the next frame, and what is typed until then goes
// where the focus was: the first letters of a text would end up in its title.
import { Extension, commands } from '@tiptap/core';

export const focusAtOnce = Extension.create({
  name: 'focusAtOnce',
  addCommands: () => ({
    focus: (position, options) => (props) => {
      const done = commands.focus(position, options)(props);
      if (props.dispatch) props.view.dom.focus({ preventScroll: true });
      return done;
    },
  }),
});
