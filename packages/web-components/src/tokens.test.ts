/** Measures the colours: contrast after WCAG 2.2, and distance under four kinds of sight. */
import { describe, expect, it } from 'vitest';
import type { ColorPair } from './tokens.js';
import { COLORS, LOG_COLORS, STATE_COLORS, TOKENS_CSS } from './tokens.js';

type Rgb = readonly [number, number, number];
const SCHEMES = ['light', 'dark'] as const;
const SURFACES = ['page', 'surface', 'raised'] as const;

/** Linear light, each part 0 to 1. */
function linear(hex: string): Rgb {
  const parts = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  return parts.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  ) as unknown as Rgb;
}

function contrast(a: string, b: string): number {
  const [high, low] = [a, b]
    .map((hex) => linear(hex))
    .map(([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue)
    .sort((one, other) => other - one) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Full dichromacy after Machado, Oliveira and Fernandes (2009), on linear light. */
const SIGHTS: Readonly<Record<string, readonly Rgb[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const times = (rows: readonly Rgb[], [x, y, z]: Rgb) =>
  rows.map(([a, b, c]) => a * x + b * y + c * z) as unknown as Rgb;

function oklab(color: Rgb): Rgb {
  const cone = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    color.map((part) => Math.min(1, Math.max(0, part))) as unknown as Rgb,
  ).map(Math.cbrt) as unknown as Rgb;
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cone,
  );
}

const distance = (a: Rgb, b: Rgb) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe.each(SCHEMES)('%s', (scheme) => {
  it.each(['text', 'textQuiet', 'accent'] as const)('%s is readable on every surface', (name) => {
    for (const surface of SURFACES) {
      expect(contrast(COLORS[name][scheme], COLORS[surface][scheme])).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('the words on a primary button are readable', () => {
    expect(contrast(COLORS.onAccent[scheme], COLORS.accent[scheme])).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['lineStrong', 'focus'] as const)('%s is seen on every surface', (name) => {
    for (const surface of SURFACES) {
      expect(contrast(COLORS[name][scheme], COLORS[surface][scheme])).toBeGreaterThanOrEqual(3);
    }
  });

  it.each(Object.entries<ColorPair>(STATE_COLORS))('state %s is seen on every surface', (_, colors) => {
    for (const surface of SURFACES) {
      expect(contrast(colors[scheme], COLORS[surface][scheme])).toBeGreaterThanOrEqual(3);
    }
  });

  it.each(Object.entries<ColorPair>(LOG_COLORS))('log %s is readable', (_, colors) => {
    expect(contrast(colors[scheme], COLORS.surface[scheme])).toBeGreaterThanOrEqual(4.5);
  });

  it.each(Object.keys(SIGHTS))('states keep apart under %s sight', (sight) => {
    const seen = Object.values<ColorPair>(STATE_COLORS).map((colors) =>
      oklab(times(SIGHTS[sight]!, linear(colors[scheme]))),
    );
    const distances = seen.flatMap((a, at) => seen.slice(at + 1).map((b) => distance(a, b)));
    expect(Math.min(...distances)).toBeGreaterThanOrEqual(0.1);
  });
});

describe('TOKENS_CSS', () => {
  it('has each colour once, for both schemes', () => {
    const names = [...TOKENS_CSS.matchAll(/(--hera-[\w-]+): light-dark\(#\w{6}, #\w{6}\);/g)].map(
      ([, name]) => name,
    );
    expect(names).toContain('--hera-text-quiet');
    expect(names).toContain('--hera-state-failed');
    expect(new Set(names).size).toBe(
      [COLORS, STATE_COLORS, LOG_COLORS].reduce((sum, colors) => sum + Object.keys(colors).length, 0),
    );
  });
});
