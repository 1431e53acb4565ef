export default (columns) => {
  const seen = new Set();
  return columns.flatMap(({ name }, at) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [{ message: `duplicate-name: ${name}`, path: [at, "name"] }];
  });
};
