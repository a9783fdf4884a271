import { section, should } from './clause.js';

/** Support for platforms other than Linux: what an event is. */
export const platforms = section('Support for platforms other than Linux', [
  should(
    'events.value-meaningless',
    'both',
    'Whoever reads an event takes notice that it came and ignores its 8 bytes.',
  ),
]);
