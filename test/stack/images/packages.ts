/** A shell, the everyday commands, and the libraries that everything else here wants. */
const base = [
  ...['base-files', 'base-passwd', 'bash', 'coreutils', 'dash', 'grep', 'sed'],
  ...['libacl1', 'libattr1', 'libc-bin', 'libc6', 'libcrypt1', 'libgcc-s1', 'libgmp10', 'liblz4-1', 'liblzma5'],
  ...['libpcre2-8-0', 'libselinux1', 'libssl3', 'libstdc++6', 'libtinfo6', 'libuuid1', 'libzstd1', 'zlib1g'],
];

const redis = [
  ...['redis-server', 'redis-tools', 'libatomic1', 'libcap2', 'libgcrypt20', 'libgpg-error0', 'libhiredis0.14'],
  ...['libjemalloc2', 'liblua5.1-0', 'liblzf1', 'libsystemd0', 'lua-bitop', 'lua-cjson'],
];

/** Without LLVM, which it would load only to compile queries: that alone is 100 MB. */
const postgres = [
  ...[
    'postgresql-15',
    'postgresql-client-15',
    'tzdata',
    'libaudit1',
    'libcap-ng0',
    'libcap2',
    'libcom-err2',
    'libffi8',
  ],
  ...['libgcrypt20', 'libgnutls30', 'libgpg-error0', 'libgssapi-krb5-2', 'libhogweed6', 'libicu72', 'libidn2-0'],
  ...['libk5crypto3', 'libkeyutils1', 'libkrb5-3', 'libkrb5support0', 'libldap-2.5-0', 'libnettle8', 'libp11-kit0'],
  ...['libpam0g', 'libpq5', 'libsasl2-2', 'libsystemd0', 'libtasn1-6', 'libunistring2', 'libxml2'],
];

/** What Python's own modules are linked with. */
const python = [...['libbz2-1.0', 'libexpat1', 'libffi8', 'libncursesw6', 'libreadline8', 'libsqlite3-0', 'tzdata']];

/** Debian packages of each image's file system, of the release this machine runs. */
export const debianPackages = {
  redis: [...base, ...redis],
  postgres: [...base, ...postgres],
  python: [...base, ...python],
} as const;

/** The release whose packages of Python know Python 3.12; they are of Python alone, so every interpreter takes them. */
export const newerRelease = 'trixie';

/** What the app and the worker import, from {@link newerRelease}. */
export const pythonPackages = [
  ...['celery', 'kombu', 'billiard', 'vine', 'amqp', 'redis', 'click', 'click-didyoumean', 'click-plugins'],
  ...['click-repl', 'prompt-toolkit', 'wcwidth', 'dateutil', 'six', 'tzlocal', 'packaging'],
  ...['sqlalchemy', 'typing-extensions', 'pg8000', 'scramp', 'asn1crypto'],
].map((name) => `python3-${name}/${newerRelease}`);
