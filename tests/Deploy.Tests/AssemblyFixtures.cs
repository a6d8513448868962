using Orrery.Tests;

[assembly: AssemblyFixture(typeof(SharedPostgres))]
