import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readClusterConfig } from './cluster-config.js';
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

describe('readClusterConfig', () => {
  test.each([
    ['HERA_LEASE_MS', '499', /500 to 600000 ms, or 0/],
    ['HERA_CLUSTER_SECRET', 'short', /HERA_CLUSTER_SECRET is not usable; it must be at least 32/],
    ['HERA_STORE', 'postgres://x', /HERA_STORE is not usable; it must be "sqlite" or "mysql:/],
    ['HERA_PUBLIC_URL', 'https://hera.example.com/path', /an address such as/],
    ['HERA_WORKERS', '0.0.0.0:7070', /tcp:\/\/0.0.0.0:7070/],
  ])('%s=%s is refused by name, and a secret is not repeated', (name, value, message) => {
    expect(() => readClusterConfig({ [name]: value })).toThrow(message);
  });

  test('a lease of 0 is what suits the store', () => {
    expect(readClusterConfig({}).leaseMs).toBe(0);
    expect(readClusterConfig({ HERA_LEASE_MS: '500' }).leaseMs).toBe(500);
  });
});
