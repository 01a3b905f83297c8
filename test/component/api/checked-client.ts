import assert from 'node:assert/strict';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import { ApiClient, type Answer } from '../../support/api-client';

interface Operation {
  responses: Record<string, { content?: Record<string, unknown> }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
}

const DOCUMENT_ID = 'openapi';

/** Holds answers against the OpenAPI document that the same server publishes. */
export class AnswerCheck {
  private readonly document: Document;
  private readonly ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(document: unknown) {
    this.document = document as Document;
    this.ajv.addSchema(document as object, DOCUMENT_ID);
  }

  /** Throws when the status or the body is not what the document says. Paths outside /v1 are not in it. */
  check(method: string, path: string, { status, headers, body }: Answer): void {
    const template = this.templateOf(path.split('?')[0] ?? '');
    const operation =
      template === undefined ? undefined : this.document.paths[template]?.[method.toLowerCase()];
    if (template === undefined || operation === undefined) return;
    const response = operation.responses[String(status)];
    assert.ok(response, `${method} ${template} answered ${status}, which is not documented`);
    const type = (headers.get('content-type') ?? '').split(';')[0] ?? '';
    assert.ok(response.content?.[type], `${method} ${template} ${status} answered ${type}`);
    const pointer = [
      'paths',
      template,
      method.toLowerCase(),
      'responses',
      String(status),
      'content',
      type,
      'schema',
    ];
    const reference = `${DOCUMENT_ID}#/${pointer.map(escape).join('/')}`;
    let validate = this.validators.get(reference);
    if (validate === undefined) {
      validate = this.ajv.compile({ $ref: reference });
      this.validators.set(reference, validate);
    }
    assert.ok(validate(body), `${method} ${template} ${status}: ${this.ajv.errorsText(validate.errors)}`);
  }

  private templateOf(path: string): string | undefined {
    const fits = (template: string): boolean =>
      new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
    return Object.keys(this.document.paths).find(fits);
  }
}

/** URI fragments escape what JSON pointers do not. */
function escape(segment: string): string {
  return encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1'));
}

/** A client all of whose answers are held against the document. */
export class CheckedClient extends ApiClient {
  private readonly answers: AnswerCheck;

  constructor(apiUrl: string, key: string, answers: AnswerCheck) {
    super(apiUrl, key);
    this.answers = answers;
  }

  override async call<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const answer = await super.call<T>(method, path, body, headers);
    this.answers.check(method, path, answer);
    return answer;
  }
}
