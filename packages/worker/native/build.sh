#!/bin/sh
# Builds the shim for x64 and arm64 and writes their checksums; the same sources, compilers and options give
# the same bytes. Needs musl-gcc, and for arm64 aarch64-linux-gnu-gcc with its libc:
#
#   apt-get install musl-tools gcc-aarch64-linux-gnu libc6-dev-arm64-cross
#
# build.sh [DIRECTORY]     default: bin beside this file

set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=${1:-$here/bin}
mkdir -p "$to"
cd "$here"
# No build id, path or date gets into the programs.
flags='-std=gnu11 -Os -Wall -Wextra -Werror -static -s -ffunction-sections -fdata-sections -Wl,--gc-sections
  -Wl,--build-id=none -fno-asynchronous-unwind-tables'
musl-gcc $flags -o "$to/hera-shim-linux-x64" shim.c
aarch64-linux-gnu-gcc $flags -o "$to/hera-shim-linux-arm64" shim.c
for compiler in musl-gcc aarch64-linux-gnu-gcc; do $compiler --version | head -n 1; done >"$to/COMPILERS"
cd "$to"
sha256sum hera-shim-linux-arm64 hera-shim-linux-x64 >SHA256SUMS
