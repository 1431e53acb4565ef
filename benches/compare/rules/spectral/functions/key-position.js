export default (column) => {
  const isKey = column.primaryKey === true;
  const hasPlace = column.primaryKeyPosition >= 0;
  return isKey === hasPlace ? [] : [{ message: `key-position: ${column.name}` }];
};
