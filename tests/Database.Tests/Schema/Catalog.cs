using Orrery.Tests;

namespace Orrery.Database.Tests.Schema;

/// <summary>What there is in a database, as lines that change when anything of it is made, changed or only written again.</summary>
internal static class Catalog
{
    // xmin is the transaction that wrote a row.
    private const string Query = """
        WITH own AS (SELECT oid FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)')
        SELECT format('schema %s %s', n.oid, nspname) FROM pg_namespace n JOIN own USING (oid)
        UNION ALL SELECT format('relation %s %s %s %s %s %s', c.xmin, c.oid, relname, relkind, relfilenode, reloptions) FROM pg_class c WHERE relnamespace IN (TABLE own)
        UNION ALL SELECT format('column %s %s %s %s %s', a.xmin, attrelid, attname, atttypid, attnotnull) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relnamespace IN (TABLE own)
        UNION ALL SELECT format('constraint %s %s %s %s', c.xmin, c.oid, conname, pg_get_constraintdef(c.oid)) FROM pg_constraint c WHERE connamespace IN (TABLE own)
        UNION ALL SELECT format('function %s %s %s', p.xmin, p.oid, proname) FROM pg_proc p WHERE pronamespace IN (TABLE own)
        UNION ALL SELECT format('type %s %s %s', t.xmin, t.oid, typname) FROM pg_type t WHERE typnamespace IN (TABLE own)
        UNION ALL SELECT format('version %s %s', s.xmin, s) FROM orrery_schema s
        UNION ALL SELECT format('query %s %s', q.xmin, q) FROM OrleansQuery q
        ORDER BY 1
        """;

    public static Task<IReadOnlyList<string>> ReadAsync(TestDatabase database) => database.ReadAsync(Query, TestContext.Current.CancellationToken);
}
