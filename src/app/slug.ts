/** A name for files and specs from a span's name: `POST /checkout` becomes `post-checkout`. */
export function slugOf(text: string): string {
  const slug = text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60)
  return slug === '' ? 'trace' : slug
}
