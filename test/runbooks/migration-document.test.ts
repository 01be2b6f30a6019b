import { describe, expect, it } from 'vitest';
import { shipped } from './shipped.ts';

const loaded = shipped('python-3.12-migration');
const runbook = () => loaded;
const phase = (id: string) => {
  const found = runbook().phases.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`There is no phase ${id}.`);
  return found;
};
describe('the head of the document', () => {
  it('is there', () => {
    const { title, project, owner, status, date, estimate } = runbook();
    expect({ title, project, owner, status, date, estimate }).toEqual({
      title: 'Python 3.11 → 3.12 migration',
      project: 'aiproxysrv',
      owner: 'Rob',
      status: 'planned',
      date: '2025-10-15',
      estimate: { minMs: 2 * 3_600_000, maxMs: 3 * 3_600_000 },
    });
  });

  it.each([
    '5–10 %',
    'PEP 695',
    'PEP 698',
    'PEP 688',
    'October 2028',
    'October 2027',
    'Ruff',
    'ARM64',
    'python:3.12-slim',
    'Flask | 3.1.2',
    'SQLAlchemy | 2.0.44',
    'Pydantic | 2.12.1',
    'Celery | 5.5.3',
    'Alembic | 1.17.0',
    'Redis | 6.4.0',
    'psycopg2-binary | 2.9.11',
    'Gunicorn | 23.0.0',
    'str | None',
    '30 min',
    '1–2 h',
    '2–3 h',
  ])('says why, and what the risk is: %s', (said) => {
    expect(runbook().about).toContain(said);
  });

  it.each([
    ['development', 90, 150],
    ['images', 30, 30],
    ['production', 30, 30],
  ])('estimates %s', (id, fromMinutes, toMinutes) => {
    expect(phase(id).estimate).toEqual({ minMs: fromMinutes * 60_000, maxMs: toMinutes * 60_000 });
  });

  it('knows both machines', () => {
    expect(runbook().hosts.map((host) => [host.id, host.about])).toEqual([
      ['macbook', 'MacBook M4 (development)'],
      ['studio', 'Mac Studio M1 (production)'],
    ]);
    expect(runbook().phases.map((one) => [one.id, one.host])).toEqual([
      ['prerequisites', 'macbook'],
      ['development', 'macbook'],
      ['images', 'macbook'],
      ['production', 'studio'],
      ['clean-up', 'macbook'],
    ]);
  });

  it.each([
    ['NEW_VERSION', 'v2.2.0'],
    ['OLD_VERSION', 'v2.1.16'],
    ['WORKSPACE', '/Users/robertw/Workspace/mac_ki_service'],
    ['PROD_WORKSPACE', '/path/to/mac_ki_service'],
    ['NEW_ENV', 'mac_ki_service_py312'],
    ['OLD_ENV', 'mac_ki_service'],
    ['REGISTRY', 'ghcr.io'],
    ['REGISTRY_USER', 'rwellinger'],
    ['BASE_URL', 'http://localhost:5050'],
    ['HEALTH_PATH', '/api/v1/health'],
    ['API_PATH', '/api'],
    ['HEALTH_STATUS', 'healthy'],
    ['PLATFORMS', 'linux/amd64 linux/arm64'],
  ])('takes %s from the document unless told otherwise', (name, value) => {
    expect(runbook().vars.find((one) => one.name === name)?.default).toBe(value);
  });

  it('keeps what is secret out of its own text', () => {
    const secrets = runbook().vars.filter((one) => one.secret);
    expect(secrets.map((one) => [one.name, one.default])).toEqual([
      ['DB_PASSWORD', undefined],
      ['GITHUB_TOKEN', undefined],
      ['API_TOKEN', undefined],
    ]);
  });
});

describe('the checklist', () => {
  it.each([
    ['development', 15],
    ['images', 6],
    ['production', 7],
  ])('of %s has %i items', (id, count) => {
    expect(phase(id).checklist).toHaveLength(count);
  });

  it('has 28 in all, each with its phase', () => {
    const items = runbook().phases.flatMap((one) => one.checklist.map((item) => `${one.id}: ${item.text}`));
    expect(items).toEqual([
      'development: `ruff check .` finds no errors',
      'development: `ruff format . --check`: the code is formatted',
      'development: `python src/server.py`: the server starts',
      'development: `python src/worker.py`: the worker starts',
      'development: `alembic upgrade head`: the migrations run',
      'development: The health endpoint answers (`/api/v1/health`)',
      'development: The PostgreSQL connection works',
      'development: The Redis connection works',
      'development: Image generation (OpenAI or aitestmock)',
      'development: Song generation (Mureka or aitestmock)',
      'development: Chat (Ollama or OpenAI)',
      'development: Prompt templates: create, read, update, delete',
      'development: User authentication',
      "development: Celery's asynchronous jobs",
      'development: File downloads (FLAC, MP3, stems)',
      'images: `docker build` succeeded (both targets)',
      'images: The container starts without errors',
      'images: The health checks are green',
      'images: The volumes are mounted',
      'images: The environment variables are set',
      'images: The containers reach each other (postgres, redis)',
      'production: The services start (`docker compose up -d`)',
      'production: The health checks are green (all services)',
      'production: No errors in the logs',
      "production: The API's endpoints answer",
      'production: The frontend reaches the backend',
      "production: Celery's tasks are processed",
      'production: 24 hours of monitoring without anything unusual',
    ]);
  });
});

it('has the three rollback plans', () => {
  const plans = runbook().phases.flatMap((one) =>
    one.rollback ? [[one.id, one.rollback.map((each) => each.id)]] : [],
  );
  expect(plans).toEqual([
    ['development', ['dev-schema-back', 'dev-ruff-back', 'dev-files-back', 'dev-old-python', 'dev-old-server']],
    [
      'images',
      [
        'registry-old-there',
        'registry-latest-back',
        'registry-version-back',
        'registry-dockerfile-back',
        'registry-test-images',
      ],
    ],
    [
      'production',
      [
        'prod-compose-back',
        'prod-images-back',
        'prod-old-worker',
        'prod-old-app',
        'prod-old-health',
        'prod-old-python',
        'prod-commit-back',
      ],
    ],
  ]);
});

describe('troubleshooting', () => {
  it.each([
    ['import-error', "ModuleNotFoundError: No module named 'xyz'"],
    ['ruff-errors', 'error: F821 [*] Undefined name `TypeVar`'],
    ['docker-build-fails', 'failed to solve: python:3.12-slim: not found'],
    ['worker-redis', '[ERROR/MainProcess] consumer: Cannot connect to redis://redis:6379'],
    ['pydantic-validators', "AttributeError: 'ChatRequest' object has no attribute 'validate_model'"],
  ])('%s knows its symptom, and no other does', (id, symptom) => {
    const fitting = runbook().troubleshooting.filter(
      (one) => one.match !== undefined && new RegExp(one.match, 'i').test(symptom),
    );
    expect(fitting.map((one) => one.id)).toEqual([id]);
  });

  it('has a sixth entry whose symptom no output shows', () => {
    expect(runbook().troubleshooting).toHaveLength(6);
    const slow = runbook().troubleshooting.find((one) => one.id === 'slow');
    expect([slow?.match, slow?.advice]).toEqual([undefined, expect.stringContaining('PYTHON_JIT=1')]);
  });
});

it('has the four cheat sheets, the references and the changelog', () => {
  expect(runbook().cheatsheet.map((sheet) => [sheet.title, sheet.commands.length])).toEqual([
    ['Conda environments', 4],
    ['Docker', 6],
    ['Ruff', 4],
    ['Alembic', 4],
  ]);
  expect(runbook().references.map((one) => one.url)).toEqual([
    'https://docs.python.org/3.12/whatsnew/3.12.html',
    'https://docs.pydantic.dev/latest/migration/',
    'https://docs.sqlalchemy.org/en/20/changelog/migration_20.html',
    'https://hub.docker.com/_/python',
    'https://docs.astral.sh/ruff/',
  ]);
  expect(runbook().changelog[0]).toMatchObject({ date: '2025-10-15', version: '1.0' });
});
