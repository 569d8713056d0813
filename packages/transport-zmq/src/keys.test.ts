import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyPair, deriveKeys, fromZ85, hashOf, isProof, proofOf, toZ85 } from './keys.js';

describe('Z85', () => {
  it('is that of RFC 32', () => {
    expect(toZ85(Uint8Array.of(0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b))).toBe('HelloWorld');
  });

  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        expect([...fromZ85(toZ85(bytes))]).toEqual([...bytes]);
      }),
    );
  });

  it.each(['', 'x'.repeat(39), `${'x'.repeat(39)} `, '#'.repeat(40)])('is not "%s"', (text) => {
    expect(() => fromZ85(text)).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }));
  });
});

describe('a proof', () => {
  it('is known by its hash, and only by that', () => {
    const { secretKey } = createKeyPair();
    const proof = proofOf(secretKey);
    expect(isProof(proof, hashOf(proof))).toBe(true);
    expect(isProof(proofOf(createKeyPair().secretKey), hashOf(proof))).toBe(false);
    expect(isProof(hashOf(proof), hashOf(proof))).toBe(false);
    expect(isProof('', '')).toBe(false);
  });
});

describe('keys of a secret', () => {
  const secret = 'a secret of at least thirty-two characters';

  it('are always the same, and those of no other secret', () => {
    expect(deriveKeys(secret)).toEqual(deriveKeys(secret));
    expect(deriveKeys(`${secret}!`).publicKey).not.toBe(deriveKeys(secret).publicKey);
  });

  it('are refused for a short one', () => {
    expect(() => deriveKeys('short')).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }));
  });
});
