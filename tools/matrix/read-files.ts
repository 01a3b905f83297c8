import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MatrixFault, parseMatrix, type OrderMatrix } from './matrix-form';

/**
 * The matrices of the files, in the order given; of a folder those of its `.json` files by name. Throws MatrixFault
 * naming the file, and the step where there is one, for the first that cannot be read as a matrix.
 */
export async function readMatrices(paths: readonly string[]): Promise<OrderMatrix[]> {
  const files = (await Promise.all(paths.map(filesAt))).flat();
  return await Promise.all(files.map(readMatrix));
}

async function filesAt(path: string): Promise<string[]> {
  const found = await stat(path).catch((fault: NodeJS.ErrnoException) => {
    throw new MatrixFault(`${path}: ${fault.code === 'ENOENT' ? 'there is no such file' : fault.message}`);
  });
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith('.json')).sort();
  if (names.length === 0) throw new MatrixFault(`${path}: there is no .json file in this folder`);
  return names.map((name) => join(path, name));
}

async function readMatrix(file: string): Promise<OrderMatrix> {
  const text = await readFile(file, 'utf8');
  try {
    return parseMatrix(JSON.parse(text), basename(file, '.json'));
  } catch (fault) {
    if (fault instanceof SyntaxError) throw new MatrixFault(`${file}: not JSON: ${fault.message}`);
    if (fault instanceof MatrixFault) throw new MatrixFault(`${file}: ${fault.message}`);
    throw fault;
  }
}
