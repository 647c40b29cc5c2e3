export interface Click {
  readonly page: string
}

export const pageOf = ({ page }: Click): string => page
