using Orrery.Load.Handwritten;

var builder = WebApplication.CreateBuilder(args);
builder.UseOrleans(silo => silo.UseLocalhostClustering(
    builder.Configuration.GetValue<int>("silo-port"),
    builder.Configuration.GetValue<int>("client-port")));

var app = builder.Build();
var grains = app.Services.GetRequiredService<IGrainFactory>();
app.MapPost("/rpc", new SayEndpoint((text, n) => grains.GetGrain<ISayGrain>("say").Say(text, n)).HandleAsync);
await app.RunAsync();
