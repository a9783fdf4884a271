import { expect, test } from 'vitest';
import { fill, mentions } from '../../backends/template.js';

const places = { socket: '/t/s', directory: '/d' };

test('places are filled in wherever they stand, other braces stay', () => {
  const argv = ['{socket}', '--a={socket},x', '{directory}{socket}', '{sockets}', '{}', '{Socket}'];
  expect(fill(argv, places)).toEqual(['/t/s', '--a=/t/s,x', '/d/t/s', '{sockets}', '{}', '{Socket}']);
});

test('a path is taken as it is, whatever is in it', () => {
  expect(fill(['x{socket}'], { socket: '/a $& {directory}', directory: '/d' })).toEqual(['x/a $& {directory}']);
});

test('whether a place is mentioned', () => {
  expect(mentions(['a', 'b={socket}'], 'socket')).toBe(true);
  expect(mentions(['a', 'b={socket}'], 'directory')).toBe(false);
});
