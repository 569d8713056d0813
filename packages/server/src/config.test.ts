import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from './config.js';

describe('readConfig', () => {
  test('an empty environment gives a machine of its own', () => {
    expect(readConfig({})).toMatchObject({
      home: resolve('.hera'),
      host: '127.0.0.1',
      port: 8080,
      area: '',
      zone: 'UTC',
    });
  });

  test('an empty value is none', () => {
    expect(readConfig({ HERA_PORT: '' }).port).toBe(8080);
  });

  test.each([
    ['HERA_PORT', '65536', /HERA_PORT is "65536"; it must be a port from 0 to 65535/],
    ['HERA_PORT', '80a', /must be a port/],
    ['HERA_SLOTS', '0', /whole number from 1/],
    ['HERA_HOST', '0.0.0.0', /loopback address/],
    ['HERA_HOST', '127.0.0.1.example', /loopback address/],
  ])('%s=%s is refused by name', (name, value, message) => {
    expect(() => readConfig({ [name]: value })).toThrow(message);
  });
});
